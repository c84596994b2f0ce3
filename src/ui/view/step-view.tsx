import type { Fields } from '../../debug-tab/contract.js';
import * as names from '../../semconv.js';
import { absentOfStep } from '../model/absent.js';
import { json, number, object, shown, text, texts } from '../model/attributes.js';
import { messages, requestMessages } from '../model/messages.js';
import { requestShape } from '../model/request-shape.js';
import type { Step } from '../model/run-tree.js';
import { bytes, count, duration, several } from '../model/words.js';
import { AttemptView } from './attempt-view.js';
import { CompareView, comparable } from './compare-view.js';
import { ErrorView } from './error-view.js';
import { Absent, Badge, type FactList, Facts, Fold, LongText, Paged } from './parts.js';
import { ShapeView } from './shape-view.js';
import { Transcript } from './transcript.js';

interface StepViewProps {
  readonly step: Step;
  /** The steps to compare with, including this one. */
  readonly steps: readonly Step[];
  readonly attemptNumber: number | undefined;
}

/** Requests with more characters are initially collapsed. */
const OPEN_LENGTH = 20_000;

export function StepView({ step, steps, attemptNumber }: StepViewProps) {
  const { attributes, events, durationMillis } = step.span;
  const request = requestMessages(attributes);
  const answer = messages(attributes, names.ATTR_GEN_AI_OUTPUT_MESSAGES);
  const shape = requestShape(attributes);
  const others = comparable(step, steps);
  const exception = events.find(({ name }) => name === names.EVENT_EXCEPTION)?.attributes;
  const isShort = (text(attributes, names.ATTR_GEN_AI_INPUT_MESSAGES)?.length ?? 0) < OPEN_LENGTH;
  const operation = text(attributes, names.ATTR_CHATDEBUG_STEP_OPERATION) ?? 'call';
  const isFull = text(attributes, names.ATTR_CHATDEBUG_CAPTURE) !== 'errors';
  const all = Object.entries(attributes).map(([name, value]) => [name, shown(value)] as const);
  return (
    <section aria-label={`Step ${step.number}`}>
      <h3>
        Step {step.number}: {operation} {text(attributes, names.ATTR_GEN_AI_REQUEST_MODEL)}
      </h3>
      <p class="line">
        <Badge status={step.status} />
        <span>{duration(durationMillis)}</span>
        <span>{several(step.attempts.length, 'attempt')}</span>
      </p>
      <ErrorView attributes={attributes} isFailed={step.status === 'error'} exception={exception} />
      <Absent sentences={absentOfStep(step)} />
      {shape !== undefined && (
        <Fold title="What the request was made of" isOpen>
          {() => <ShapeView shape={shape} />}
        </Fold>
      )}
      {request !== undefined && (
        <Fold title={`Request: ${several(request.length, 'message')}`} isOpen={isShort}>
          {() => <Transcript messages={request} />}
        </Fold>
      )}
      {answer !== undefined && (
        <Fold title="Answer" isOpen>
          {() => <Transcript messages={answer} />}
        </Fold>
      )}
      <FactsFold title="Parameters" facts={parameters(attributes)} />
      <Tools attributes={attributes} />
      <FactsFold title="Usage and stream" facts={usageAndStream(attributes)} isOpen />
      {others.length > 0 && (
        <Fold title="Compare with the request of another step">
          {() => <CompareView step={step} others={others} />}
        </Fold>
      )}
      <h3>Attempts</h3>
      {step.attempts.length === 0 && <p class="quiet">None are recorded.</p>}
      <Paged
        items={step.attempts}
        what="attempts"
        item={(attempt) => (
          <AttemptView
            key={`${attempt.number} ${attempt.number === attemptNumber}`}
            attempt={attempt}
            isFull={isFull}
            isOpen={attempt.number === attemptNumber}
          />
        )}
      />
      <Fold title={`All attributes of the step (${all.length})`}>{() => <Facts facts={all} />}</Fold>
    </section>
  );
}

interface FactsFoldProps {
  readonly title: string;
  readonly facts: FactList;
  readonly isOpen?: boolean;
}

function FactsFold({ title, facts, isOpen = false }: FactsFoldProps) {
  if (facts.every(([, value]) => value === undefined)) return null;
  return (
    <Fold title={title} isOpen={isOpen}>
      {() => <Facts facts={facts} />}
    </Fold>
  );
}

const PREFIX_REQUEST = 'gen_ai.request.';
const PREFIX_USAGE = 'gen_ai.usage.';

function parameters(attributes: Fields): FactList {
  const others = number(attributes, names.ATTR_CHATDEBUG_REQUEST_OPTION_COUNT);
  return [
    ...Object.entries(attributes)
      .filter(([name]) => name.startsWith(PREFIX_REQUEST) && name !== names.ATTR_GEN_AI_REQUEST_MODEL)
      .map(([name, value]) => [name.slice(PREFIX_REQUEST.length), shown(value)] as const),
    ['output type', text(attributes, names.ATTR_GEN_AI_OUTPUT_TYPE)],
    ['tool choice', text(attributes, names.ATTR_CHATDEBUG_REQUEST_TOOL_CHOICE)],
    ['further members of the request', others === undefined ? undefined : count(others)],
  ];
}

function usageAndStream(attributes: Fields): FactList {
  const tokens = (name: string) => format(number(attributes, name), count);
  const millis = (name: string) => format(number(attributes, name), duration);
  const firstChunk = number(attributes, names.ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);
  const plain = (name: string) => (attributes[name] === undefined ? undefined : shown(attributes[name]));
  return [
    ...Object.keys(attributes)
      .filter((name) => name.startsWith(PREFIX_USAGE))
      .map((name) => [name.slice(PREFIX_USAGE.length).replaceAll(/[._]/g, ' '), tokens(name)] as const),
    ['finish reason', texts(attributes, names.ATTR_GEN_AI_RESPONSE_FINISH_REASONS).join(', ') || undefined],
    ['model of the response', text(attributes, names.ATTR_GEN_AI_RESPONSE_MODEL)],
    ['id of the response', text(attributes, names.ATTR_GEN_AI_RESPONSE_ID)],
    ['time to the first chunk', format(firstChunk, (seconds) => duration(1_000 * seconds))],
    ['chunks', tokens(names.ATTR_CHATDEBUG_STREAM_CHUNKS)],
    ['length of the stream', format(number(attributes, names.ATTR_CHATDEBUG_STREAM_BYTES), bytes)],
    ['longest pause between chunks', millis(names.ATTR_CHATDEBUG_STREAM_LONGEST_GAP_MS)],
    ['silence at the end', millis(names.ATTR_CHATDEBUG_STREAM_SILENCE_MS)],
    ['last event', text(attributes, names.ATTR_CHATDEBUG_STREAM_LAST_EVENT)],
    ['text pieces', tokens(names.ATTR_CHATDEBUG_STREAM_TEXT_DELTAS)],
    ['reasoning pieces', tokens(names.ATTR_CHATDEBUG_STREAM_REASONING_DELTAS)],
    ['tool calls', tokens(names.ATTR_CHATDEBUG_STREAM_TOOL_CALLS)],
    ['sources', tokens(names.ATTR_CHATDEBUG_STREAM_SOURCES)],
    ['errors in the stream', tokens(names.ATTR_CHATDEBUG_STREAM_ERRORS)],
    ['last error in the stream', text(attributes, names.ATTR_CHATDEBUG_STREAM_LAST_ERROR)],
    ['warnings', plain(names.ATTR_CHATDEBUG_RESPONSE_WARNINGS)],
  ];
}

function format(value: number | undefined, write: (value: number) => string): string | undefined {
  return value === undefined ? undefined : write(value);
}

function Tools({ attributes }: { readonly attributes: Fields }) {
  const tools = json(attributes, names.ATTR_GEN_AI_TOOL_DEFINITIONS);
  if (!Array.isArray(tools)) return null;
  return (
    <Fold title={`Tools (${tools.length})`}>
      {() => (
        <Paged
          items={tools}
          what="tools"
          item={(tool, index) => {
            const { name, description } = object(tool) ?? {};
            return (
              <Fold
                key={`${index}`}
                title={[name, description].filter((word) => typeof word === 'string').join(': ')}
              >
                {() => <LongText text={JSON.stringify(tool, null, 2)} />}
              </Fold>
            );
          }}
        />
      )}
    </Fold>
  );
}
