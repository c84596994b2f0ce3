import type { Card, Fields } from '../../debug-tab/contract.js';
import * as names from '../../semconv.js';
import { number, text, texts } from './attributes.js';
import { requestMessages } from './messages.js';
import type { Attempt, RunTree, Step } from './run-tree.js';
import { count } from './words.js';

export function absentOfRun(run: Card, { runSpan, steps }: RunTree): readonly string[] {
  const leftOut = (run.stepCount ?? steps.length) - steps.length;
  const isLive = run.status === 'in_progress';
  return sentences([
    [
      run.capture === 'errors' && !steps.some(hasContent),
      'Recorded in errors capture: without headers, bodies, messages, parameters and tokens. ' +
        'To see those, record the chat in full, or set the option failureContent.',
    ],
    [
      run.capture === 'errors' && steps.some(hasContent),
      'Recorded in errors capture with failureContent: only calls that failed have their content.',
    ],
    [
      leftOut > 0 && run.capture === 'errors',
      `Steps that did not fail and are not recorded: ${count(leftOut)}.`,
    ],
    [leftOut > 0 && run.capture === 'full', `Steps of this run that did not arrive: ${count(leftOut)}.`],
    [runSpan === undefined && isLive, 'The run has not ended yet. Steps appear here when they have ended.'],
    [
      runSpan === undefined && !isLive,
      'The end of this run is not recorded: its process may have ended before it.',
    ],
    [
      text(runSpan?.attributes ?? {}, names.ATTR_CHATDEBUG_RUN_CONTEXT) === 'unknown',
      'The caller of this request could not be determined, so it has a run of its own.',
    ],
    ...shortened(runSpan?.attributes ?? {}),
  ]);
}

/** Whether it is a failed call of a run in errors capture that was recorded with its content. */
function hasContent({ span: { attributes } }: Step): boolean {
  return text(attributes, names.ATTR_CHATDEBUG_CAPTURE) === 'full';
}

export function absentOfStep({ span: { attributes }, attempts }: Step): readonly string[] {
  const isFull = text(attributes, names.ATTR_CHATDEBUG_CAPTURE) !== 'errors';
  const isStream = text(attributes, names.ATTR_CHATDEBUG_STEP_OPERATION) === 'stream';
  const hasMessages = requestMessages(attributes) !== undefined;
  const isCut = !hasMessages && attributes[names.ATTR_GEN_AI_INPUT_MESSAGES] !== undefined;
  const hasAnswer = attributes[names.ATTR_GEN_AI_OUTPUT_MESSAGES] !== undefined;
  const hasBodies = attempts.some((attempt) => bodyOf(attempt) !== undefined);
  const messagesLeftOut = number(attributes, names.ATTR_CHATDEBUG_REQUEST_MESSAGES_LEFT_OUT) ?? 0;
  const attemptsLeftOut = number(attributes, names.ATTR_CHATDEBUG_STEP_ATTEMPTS_LEFT_OUT) ?? 0;
  const textLength = number(attributes, names.ATTR_CHATDEBUG_RESPONSE_TEXT_LENGTH);
  const isCompleted = text(attributes, names.ATTR_CHATDEBUG_STEP_STATUS) === 'completed';
  return sentences([
    [!isFull, 'Errors capture: the messages, parameters, tools and tokens of this step are not recorded.'],
    [
      isCut,
      'The messages cannot be read: they were cut on their way. Tempo does so unless its ' +
        'max_attribute_bytes is raised.',
    ],
    [
      isFull && !hasMessages && !isCut && hasBodies,
      'The messages could not be read from the request. Its body is below the attempt.',
    ],
    [
      isFull && !hasMessages && !isCut && !hasBodies,
      'No messages are recorded: captureContent is off, or the request is in no known format.',
    ],
    [
      isFull && hasMessages && !hasAnswer && isCompleted && isStream,
      'The answer is not recorded as messages.',
    ],
    [
      messagesLeftOut > 0,
      `Messages in the middle that did not fit and are left out: ${count(messagesLeftOut)}.`,
    ],
    [
      attemptsLeftOut > 0,
      `Attempts in the middle that did not fit and are left out: ${count(attemptsLeftOut)}.`,
    ],
    [
      textLength !== undefined,
      `The answer is structured output: only its length is recorded, ${textLength}.`,
    ],
    [
      text(attributes, names.ATTR_CHATDEBUG_STEP_RECOVERY) === 'possible',
      'A later call outside any run may have been the retry of this one.',
    ],
    ...shortened(attributes),
  ]);
}

export function absentOfAttempt(attempt: Attempt, isFull: boolean): readonly string[] {
  const { attributes } = attempt;
  const bodies = text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_BODIES);
  const hasHeaders = Object.keys(attributes).some((name) => name.startsWith('http.request.header.'));
  const hasBody = bodyOf(attempt) !== undefined;
  return sentences([
    [!isFull && !hasHeaders, 'Errors capture: headers and bodies are not recorded.'],
    [
      isFull && hasHeaders && !hasBody,
      'No bodies are recorded: they are empty, or the option rawBodies or captureContent omits them.',
    ],
    [bodies === 'request_out_of_reach', 'The body of the request is not observable with this client.'],
    [bodies === 'response_out_of_reach', 'The body of the response is not observable with this client.'],
    [attempt.statusCode === undefined, 'No response came.'],
    ...shortened(attributes),
  ]);
}

function bodyOf({ attributes }: Attempt): string | undefined {
  return (
    text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_REQUEST_BODY) ??
    text(attributes, names.ATTR_CHATDEBUG_ATTEMPT_RESPONSE_BODY)
  );
}

type Rule = readonly [isTrue: boolean, sentence: string];

function shortened(attributes: Fields): readonly Rule[] {
  const cut = texts(attributes, names.ATTR_CHATDEBUG_SHORTENED);
  return [[cut.length > 0, `Cut or left out, since all of it was too long: ${cut.join(', ')}.`]];
}

function sentences(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap(([isTrue, sentence]) => (isTrue ? [sentence] : []));
}
