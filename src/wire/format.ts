import { mediaType } from '../content-kind.js';
import type { StepOperation, TokenUsage } from '../types.js';
import type { Message, MessagePart, OutputMessage, ToolDefinition } from './content.js';
import type { JsonKind } from './request-body.js';

/** The framing of a stream: server-sent events, JSON lines (`values`) or AWS event stream messages. */
export type StreamFraming = 'events' | 'values' | 'messages';

/** Returns the framing by the content type of a response; `undefined` for a response that is not streamed. */
export function streamFraming(contentType: string | undefined): StreamFraming | undefined {
  switch (mediaType(contentType)) {
    case 'text/event-stream':
      return 'events';
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return 'values';
    case 'application/vnd.amazon.eventstream':
      return 'messages';
    default:
      return undefined;
  }
}

/**
 * Defers loading a reading until the first body is read. In errors mode that may never happen.
 *
 * @param load returns the module
 */
export function lazyReading(load: () => WireReading): WireReading {
  return {
    readRequest: (body) => load().readRequest(body),
    readResponse: (body) => load().readResponse(body),
    openStream: () => load().openStream(),
  };
}

/** The names of the supported wire formats, as used in the option `openSteps`. */
export const WIRE_FORMAT_NAMES = [
  'openai-chat',
  'openai-responses',
  'openai-completions',
  'anthropic-messages',
  'gemini-generate-content',
  'gemini-interactions',
  'bedrock-converse',
  'bedrock-invoke',
  'cohere-chat',
  'ollama',
  'mistral-conversations',
  'ai-gateway',
  'replicate-predictions',
  'openai-realtime',
  'gemini-live',
] as const;

/** The name of a supported wire format. */
export type WireFormatName = (typeof WIRE_FORMAT_NAMES)[number];

/** A request before its body is sent. */
export interface RequestLine {
  readonly method: string;
  /** Scheme and authority. */
  readonly origin: string;
  /** Path and query, or the whole URL with a forward proxy. */
  readonly path: string;
}

/** A model call, recognised by the method and URL of its request. */
export interface RecognisedCall {
  readonly format: WireFormat;
  /** `gen_ai.operation.name`. */
  readonly operationName: 'chat' | 'generate_content' | 'text_completion';
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** The model, if the path names it. */
  readonly model: string | undefined;
  /** The operation, if the path names it. */
  readonly operation: StepOperation | undefined;
  /** Proves that the request is a model call, if other APIs use the same path. */
  readonly proof?: CallProof | undefined;
  /** The id of the response that the request polls or whose stream it resumes. The call began earlier. */
  readonly responseId?: string | undefined;
}

/** Distinguishes a model call from other requests to the same path. One proof suffices. */
export interface CallProof {
  /** @param name the name of a request header, in lower case */
  readonly header: (name: string, value: string) => boolean;
  /** @param kindOf returns the kind of a top-level member of the request body, as far as it has been sent */
  readonly body: (kindOf: (name: string) => JsonKind | undefined) => boolean;
  /**
   * Replaces `body`: proves the call by the status and content type of the response. A request that fails without a
   * response counts as proven.
   */
  readonly response?: (statusCode: number, contentType: string | undefined) => boolean;
}

/** The values of `gen_ai.request.*`. Absent values and values of the wrong type are omitted. */
export interface RequestParameters {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxTokens?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  readonly choiceCount?: number;
  readonly stopSequences?: readonly string[];
  /** The reasoning effort, as named in the request. */
  readonly reasoningLevel?: string;
  /** The id of the response or interaction that the request continues. */
  readonly previousResponseId?: string;
  readonly serviceTier?: string;
}

export interface RequestFacts {
  readonly model: string | undefined;
  readonly operation: StepOperation | undefined;
  readonly parameters: RequestParameters;
  /** `gen_ai.output.type`: `json` for structured output, else the requested modality; `undefined` for plain text. */
  readonly outputType: string | undefined;
  readonly systemInstructions: readonly MessagePart[];
  readonly messages: readonly Message[];
  readonly toolDefinitions: readonly ToolDefinition[];
  /** `auto`, `none`, `required` or the name of a tool. */
  readonly toolChoice: string | undefined;
  /** The number of members of the request that no other field represents. */
  readonly optionCount: number;
}

/** Facts parsed from a response, streamed or not. */
export interface ResponseFacts {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** The finish reason of each choice, as sent by the provider. */
  readonly finishReasons: readonly string[];
  readonly usage: TokenUsage;
  readonly serviceTier?: string | undefined;
  readonly systemFingerprint?: string | undefined;
  /** One message for each choice. */
  readonly output: readonly OutputMessage[];
  readonly warningCount: number;
}

/** Facts parsed from a streamed response, with counts of its parts. */
export interface StreamFacts extends ResponseFacts {
  readonly counts: StreamCounts;
  /** The text of the last error event. */
  readonly lastError: string | undefined;
  /** The name of the last event: its `event:` field, else the type in its data. */
  readonly lastEvent: string | undefined;
}

export interface StreamCounts {
  readonly parts: number;
  readonly textDeltas: number;
  readonly reasoningDeltas: number;
  readonly toolCalls: number;
  /** Citations, annotations, grounding. */
  readonly sources: number;
  readonly errors: number;
}

/** Reads the events of one stream. Never throws. */
export interface StreamReader {
  /**
   * @param event the `event:` field, if any
   * @param data the `data:` field, its lines joined
   */
  event(event: string | undefined, data: string): void;
  facts(): StreamFacts;
}

export interface WireReading {
  /** @param body the parsed JSON of a request */
  readRequest(body: unknown): RequestFacts;
  /** @param body the parsed JSON of a successful response that is not streamed */
  readResponse(body: unknown): ResponseFacts;
  openStream(): StreamReader;
}

/** A wire format. Its functions are pure and never throw. */
export interface WireFormat extends WireReading {
  /** A `WireFormatName`, or the name of a format of the option `formats`. */
  readonly name: string;
  /** The models have formats of their own, so that any JSON may be an answer. */
  readonly isOpen?: boolean;
  /** The response format is unknown: a response or stream that ends cleanly without an error is complete. */
  readonly isFreeForm?: boolean;
  /** Calls may continue in the background. Requests with a `responseId` poll them. */
  readonly isPolled?: boolean;
  /** The known format of the bodies, for a format of the option `formats`. */
  readonly like?: WireFormatName | undefined;
  /** The request header with the model, in lower case, if neither path nor body contains it. */
  readonly modelHeader?: string;
  /** The request header that is `true` for a stream, in lower case, if neither path nor body tells. */
  readonly streamHeader?: string;
  /**
   * Recognises a model call of this format by method, origin and path; else returns `undefined`. The path has no
   * doubled or trailing slashes.
   */
  match(line: RequestLine): RecognisedCall | undefined;
}
