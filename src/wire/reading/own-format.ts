import { guarded } from '../../self-diagnostics.js';
import type { StepOperation, TokenUsage } from '../../types.js';
import { type Message, textPart } from '../content.js';
import type { RequestFacts, ResponseFacts, StreamReader, WireFormatName, WireReading } from '../format.js';
import { asCount, asLabel, asObject, asText, type JsonObject, parsed } from '../json/json.js';
import { messageFacts, messageStream, StreamedMessage } from '../stream/message-stream.js';
import { readUsage } from './openai-usage.js';
import { defined, optionCount } from './values.js';

/**
 * Reads the bodies of a format of the option `formats`: as the known format of `like`, else by the members common to
 * most APIs. The results of the application's functions take precedence.
 */
export function ownReading(
  { request, response, streamEvent }: OwnFormat,
  base: WireReading = GENERIC,
): WireReading {
  return {
    readRequest(body) {
      const facts = base.readRequest(body);
      return request === undefined
        ? facts
        : withRequest(
            facts,
            callDescription(() => request(body)),
          );
    },
    readResponse(body) {
      const facts = base.readResponse(body);
      if (response === undefined) return facts;
      const own = new StreamedMessage();
      addFacts(
        own,
        callDescription(() => response(body)),
      );
      return withOwn(facts, own);
    },
    openStream() {
      const reader = base.openStream();
      return streamEvent === undefined ? reader : ownStream(reader, streamEvent);
    },
  };
}

/** Calls a function of the application. Returns an empty object if it throws or returns no object. */
function callDescription(read: () => unknown): JsonObject {
  return (
    asObject(guarded('a function of a format failed, the call is recorded without it', undefined, read)) ?? {}
  );
}

function withRequest(facts: RequestFacts, own: JsonObject): RequestFacts {
  const { system, messages, operation } = own;
  return {
    ...facts,
    model: asLabel(own['model']) ?? facts.model,
    operation: operation === 'stream' || operation === 'generate' ? operation : facts.operation,
    systemInstructions: typeof system === 'string' ? [textPart('text', system)] : facts.systemInstructions,
    messages: Array.isArray(messages) ? messages.flatMap(messageOf) : facts.messages,
  };
}

function messageOf(value: unknown): Message[] {
  const message = asObject(value);
  const content = asText(message?.['content']);
  if (content === undefined) return [];
  return [{ role: asLabel(message?.['role']) ?? 'user', parts: [textPart('text', content)] }];
}

/** Adds a response or an event to the message. */
function addFacts(message: StreamedMessage, own: JsonObject): void {
  message.text('text', own['text']);
  message.note({
    id: asLabel(own['id']),
    model: asLabel(own['model']),
    finishReason: asLabel(own['finishReason']),
    usage: usageOf(asObject(own['usage'])),
  });
}

function usageOf(usage: JsonObject | undefined): TokenUsage | undefined {
  return (
    usage && {
      inputTokens: asCount(usage['inputTokens']),
      outputTokens: asCount(usage['outputTokens']),
      reasoningTokens: asCount(usage['reasoningTokens']),
      cacheReadTokens: asCount(usage['cacheReadTokens']),
      cacheCreationTokens: asCount(usage['cacheCreationTokens']),
    }
  );
}

function withOwn<T extends ResponseFacts>(facts: T, own: StreamedMessage): T {
  const { id, model, finishReasons, usage, output } = own.facts();
  return {
    ...facts,
    ...defined({ id, model }),
    usage: { ...facts.usage, ...usage },
    finishReasons: finishReasons.length > 0 ? finishReasons : facts.finishReasons,
    output: own.counts.textDeltas > 0 || facts.output.length === 0 ? output : facts.output,
  };
}

function ownStream(reader: StreamReader, read: NonNullable<OwnFormat['streamEvent']>): StreamReader {
  const own = new StreamedMessage();
  return {
    event(event, data) {
      reader.event(event, data);
      addFacts(
        own,
        callDescription(() => read(parsed(data) ?? data, event)),
      );
    },
    facts() {
      const facts = reader.facts();
      const { counts } = facts;
      const textDeltas = own.counts.textDeltas || counts.textDeltas;
      return { ...withOwn(facts, own), counts: { ...counts, textDeltas } };
    },
  };
}

const KNOWN_MEMBERS: ReadonlySet<string> = new Set(['model', 'stream']);

/** Reads the members common to most APIs, without content. */
const GENERIC: WireReading = {
  readRequest(value) {
    const body = asObject(value) ?? {};
    const isStream = body['stream'] === true;
    return {
      model: asLabel(body['model']),
      operation: isStream ? 'stream' : undefined,
      parameters: {},
      outputType: undefined,
      systemInstructions: [],
      messages: [],
      toolDefinitions: [],
      toolChoice: undefined,
      optionCount: optionCount(body, KNOWN_MEMBERS),
    };
  },
  readResponse: (value) => messageFacts(detailsOf(asObject(value) ?? {}), []),
  openStream: () => messageStream((message, _type, body) => message.note(detailsOf(body))),
};

function detailsOf(body: JsonObject) {
  const usage = asObject(body['usage']);
  return {
    id: asLabel(body['id']),
    model: asLabel(body['model']),
    finishReason: asLabel(body['finish_reason']) ?? asLabel(body['stop_reason']),
    usage: usage && readUsage(usage),
  };
}

/** The request line of an outgoing request. */
export interface OutgoingRequest {
  readonly method: string;
  /** The complete URL, which may contain secrets. */
  readonly url: string;
  readonly hostname: string;
  /** The path without the query. */
  readonly pathname: string;
}

/** A model call. Omitted fields come from the body or are not recorded. */
export interface OwnCall {
  readonly model?: string | undefined;
  readonly operation?: StepOperation | undefined;
  /** `gen_ai.provider.name`. Default: the provider of a known host, else the name of the format. */
  readonly provider?: string | undefined;
}

/** The facts of a request body. */
export interface OwnRequest {
  readonly model?: string | undefined;
  readonly operation?: StepOperation | undefined;
  /** The system instructions. */
  readonly system?: string | undefined;
  readonly messages?: readonly OwnMessage[] | undefined;
}

/** A text message of a conversation. */
export interface OwnMessage {
  /** `system`, `user`, `assistant`, `tool` or a role of the endpoint. */
  readonly role: string;
  readonly content: string;
}

/** The facts of a response or of one stream event. */
export interface OwnResponse {
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  /** The output text; for an event, the piece that it adds. */
  readonly text?: string | undefined;
  readonly finishReason?: string | undefined;
  readonly usage?: TokenUsage | undefined;
}

/**
 * A custom model endpoint, for the option `formats`. The results of its functions take precedence over those of
 * `like`. If a function throws or returns an invalid value, a warning goes to `diag` and the call is recorded without
 * that result.
 */
export interface OwnFormat {
  /** The name of the format, such as `acme-gateway`: letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /**
   * Returns whether a request is a call of this endpoint. Runs synchronously for every request of the application: it
   * must be fast and depend only on the request.
   */
  readonly match: (request: OutgoingRequest) => boolean | OwnCall | undefined;
  /** The known format of its bodies, streams and errors. Default: none. */
  readonly like?: WireFormatName | undefined;
  /** @param body the parsed JSON of a request */
  readonly request?: ((body: unknown) => OwnRequest | undefined) | undefined;
  /** @param body the parsed JSON of a successful response that is not streamed */
  readonly response?: ((body: unknown) => OwnResponse | undefined) | undefined;
  /**
   * @param data the data of an event or a line of an NDJSON stream: parsed if it is JSON, else its text
   * @param event the `event:` field, if any
   */
  readonly streamEvent?: ((data: unknown, event: string | undefined) => OwnResponse | undefined) | undefined;
}
