import type { StepOperation, TokenUsage } from '../types.js';
import type { Message, MessagePart, OutputMessage, ToolDefinition } from './content.js';
import type { JsonKind } from './json/member-scan.js';

/** The wire formats this package reads, by the names that the option `openSteps` takes. */
export const WIRE_FORMAT_NAMES = [
  'openai-chat',
  'openai-responses',
  'openai-completions',
  'anthropic-messages',
  'gemini-generate-content',
  'bedrock-converse',
  'bedrock-invoke',
  'cohere-chat',
  'ollama',
  'mistral-conversations',
  'ai-gateway',
] as const;

/** One of the wire formats this package reads. */
export type WireFormatName = (typeof WIRE_FORMAT_NAMES)[number];

/** A request as it is known before any of its body is. */
export interface RequestLine {
  readonly method: string;
  /** Scheme and authority. */
  readonly origin: string;
  /** Path and query; behind a forward proxy as well. */
  readonly path: string;
}

/** What the line of a request says of the model call it makes. */
export interface RecognisedCall {
  readonly format: WireFormat;
  /** `gen_ai.operation.name`. */
  readonly operationName: 'chat' | 'generate_content' | 'text_completion';
  /** `gen_ai.provider.name`. */
  readonly provider: string;
  /** Where the path names it. */
  readonly model: string | undefined;
  /** Where the path says it. */
  readonly operation: StepOperation | undefined;
  /** What has to prove that the request is a call, where other APIs use the same path. */
  readonly proof?: CallProof | undefined;
  /** The response that the request polls, or whose stream it resumes: the call itself began earlier. */
  readonly responseId?: string | undefined;
}

/** Tells a model call from other requests to the same path. Either one is enough. */
export interface CallProof {
  /** @param name of a header of the request, in lower case */
  readonly header: (name: string, value: string) => boolean;
  /** @param kindOf the kind of a top-level member of the request's body, as far as that has been sent */
  readonly body: (kindOf: (name: string) => JsonKind | undefined) => boolean;
}

/** `gen_ai.request.*`; what the request does not say is left out, what is of the wrong type as well. */
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
}

/** What the body of a request says (reference row R17). */
export interface RequestFacts {
  readonly model: string | undefined;
  readonly operation: StepOperation | undefined;
  readonly parameters: RequestParameters;
  /** `gen_ai.output.type`: `json` for structured output, else as asked for; `undefined` for plain text. */
  readonly outputType: string | undefined;
  readonly systemInstructions: readonly MessagePart[];
  readonly messages: readonly Message[];
  readonly toolDefinitions: readonly ToolDefinition[];
  /** `auto`, `none`, `required` or the name of the tool. */
  readonly toolChoice: string | undefined;
  /** How many further members the request has, beyond those that the fields above come from. */
  readonly optionCount: number;
}

/** What an answer says, whether it came in one piece or as a stream (reference row R17). */
export interface ResponseFacts {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** Of each choice, in the provider's words. */
  readonly finishReasons: readonly string[];
  readonly usage: TokenUsage;
  /** One for each choice. */
  readonly output: readonly OutputMessage[];
  readonly warningCount: number;
}

/** What a stream held (reference row R16). */
export interface StreamFacts extends ResponseFacts {
  readonly counts: StreamCounts;
  /** The body of the last error event, as text. */
  readonly lastError: string | undefined;
  /** The name of the last event: its `event:` field, else the type its data names. */
  readonly lastEvent: string | undefined;
}

export interface StreamCounts {
  /** Events in all. */
  readonly parts: number;
  readonly textDeltas: number;
  readonly reasoningDeltas: number;
  readonly toolCalls: number;
  /** Citations, annotations, grounding. */
  readonly sources: number;
  readonly errors: number;
}

/** Reads the events of one stream, one at a time; never throws, whatever the data are. */
export interface StreamReader {
  /**
   * @param event the `event:` field, where there is one
   * @param data the `data:` field, its lines joined
   */
  event(event: string | undefined, data: string): void;
  facts(): StreamFacts;
}

/** What reads the bodies of one wire format. */
export interface WireReading {
  /** @param body the parsed JSON of the request's body */
  readRequest(body: unknown): RequestFacts;
  /** @param body the parsed JSON of a successful answer in one piece */
  readResponse(body: unknown): ResponseFacts;
  openStream(): StreamReader;
}

/** One wire format, as pure functions. None of them throws, whatever it is given. */
export interface WireFormat extends WireReading {
  readonly name: WireFormatName;
  /** The models behind it have formats of their own: an answer of any form may be a good one. */
  readonly isOpen?: boolean;
  /** The header of a request that names the model, where neither path nor body does; in lower case. */
  readonly modelHeader?: string;
  /**
   * Recognises a request by method, origin and path; `undefined` if it is none of this format. The path has no doubled
   * and no trailing slashes.
   */
  match(line: RequestLine): RecognisedCall | undefined;
}
