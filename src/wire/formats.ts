import { lazyReading, type RecognisedCall, type RequestLine, type WireFormat } from './format.js';
import type { Dialogue } from './reading/dialogue.js';
import type { OwnFormat } from './reading/own-format.js';
import { anthropicMessages, bedrockConverse, bedrockInvoke } from './recognition/anthropic-bedrock.js';
import { geminiGenerateContent, geminiInteractions } from './recognition/gemini.js';
import { openAiChat, openAiCompletions, openAiResponses } from './recognition/openai.js';
import {
  aiGateway,
  cohereChat,
  mistralConversations,
  ollama,
  replicatePredictions,
} from './recognition/other-providers.js';
import { ownFormat } from './recognition/own-formats.js';
import { deploymentIn, providerAt, urlOf, withoutExtraSlashes } from './recognition/providers.js';

/** The supported HTTP formats, in matching order. */
export const FORMATS: readonly WireFormat[] = [
  openAiChat,
  openAiResponses,
  openAiCompletions,
  anthropicMessages,
  geminiGenerateContent,
  geminiInteractions,
  bedrockConverse,
  bedrockInvoke,
  cohereChat,
  ollama,
  mistralConversations,
  aiGateway,
  replicatePredictions,
];

/** Paths of polls and resumed streams. */
const POLLED = /\/(?:responses|interactions|predictions)\//;

/** What the path of a POST contains, before its query, if it matches one of the formats. */
const POSTED =
  /^[^?]*?(?:\/(?:completions|responses|messages|interactions|converse|invoke|chat|generate|conversations|language-model|predictions)|:(?:g|streamG)enerateContent|:(?:r|streamR)awPredict)/;

/** Cache of the last result, since most calls repeat the URL. */
let last: { readonly origin: string; readonly path: string; readonly call: RecognisedCall } | undefined;

/**
 * Returns the model call that a request makes, or `undefined`. A call with a `proof` still needs it. Runs for every
 * request of the application: other requests cost one regular expression and no memory.
 */
export function recognise(line: RequestLine): RecognisedCall | undefined {
  const { method, origin, path } = line;
  if (method === 'GET') return POLLED.test(path) || origin.includes('//stream') ? matchAny(line) : undefined;
  if (method !== 'POST' || !POSTED.test(path)) return undefined;
  if (path === last?.path && origin === last.origin) return last.call;
  const call = matchAny(line);
  if (call !== undefined) last = { origin, path, call };
  return call;
}

/** Returns {@link recognise} with the formats of the option `formats` first. */
export function recogniser(described: readonly OwnFormat[]): typeof recognise {
  if (described.length === 0) return recognise;
  const formats = described.map((one) =>
    ownFormat(
      one,
      [...FORMATS, ...SOCKET_FORMATS].find(({ name }) => name === one.like),
    ),
  );
  return (line) => {
    for (const format of formats) {
      const call = format.match(line);
      if (call !== undefined) return call;
    }
    return recognise(line);
  };
}

function matchAny(line: RequestLine): RecognisedCall | undefined {
  const path = withoutExtraSlashes(line.path);
  const plain = path === line.path ? line : { ...line, path };
  for (const format of FORMATS) {
    const call = format.match(plain);
    if (call !== undefined) return call;
  }
  return undefined;
}

/** OpenAI's Realtime API. Requests are recorded in the form of the Responses API. */
const openAiRealtime: WireFormat = {
  name: 'openai-realtime',
  match: () => undefined,
  ...lazyReading(
    () => require('./reading/openai-responses.js') as typeof import('./reading/openai-responses.js'),
  ),
};

const loadLive = () => require('./reading/gemini-live.js') as typeof import('./reading/gemini-live.js');

/** Gemini's Live API. Requests are recorded in the form of `generateContent`. */
const geminiLive: WireFormat = {
  name: 'gemini-live',
  match: () => undefined,
  ...lazyReading(loadLive),
};

/** The supported WebSocket formats. */
export const SOCKET_FORMATS: readonly WireFormat[] = [openAiRealtime, geminiLive];

/** A fast check, since it runs for every WebSocket of the application. */
const SOCKET_PATH =
  /\/(?:responses|realtime)\/*(?:\?|$)|\.(?:GenerativeService|LlmBidiService)[./]BidiGenerateContent/;

/**
 * Returns the model call that messages on a WebSocket make, by the request that opens it; `undefined` for none. The
 * connection alone is not a call. No further proof is needed.
 *
 * @param line a request line with a `ws:` or `wss:` origin
 */
export function recogniseSocket(line: RequestLine): RecognisedCall | undefined {
  if (!SOCKET_PATH.test(line.path)) return undefined;
  const url = urlOf(line);
  if (url === undefined) return undefined;
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith('/responses'))
    return {
      ...call(openAiResponses, url),
      model: deploymentIn(url) ?? url.searchParams.get('model') ?? undefined,
    };
  if (path.endsWith('/realtime')) {
    const { searchParams } = url;
    const model = searchParams.get('model') ?? searchParams.get('deployment') ?? undefined;
    return { ...call(openAiRealtime, url), model };
  }
  const onVertex = path.includes('LlmBidiService');
  return {
    ...call(geminiLive, url),
    operationName: 'generate_content',
    provider: onVertex ? 'gcp.vertex_ai' : 'gcp.gemini',
  };
}

function call(format: WireFormat, url: URL): RecognisedCall {
  return { format, operationName: 'chat', provider: providerAt(url), model: undefined, operation: 'stream' };
}

/** Starts to follow the messages of a connection recognised by {@link recogniseSocket}. */
export function openDialogue({ format, model }: RecognisedCall): Dialogue {
  if (format === geminiLive) return new (loadLive().LiveDialogue)();
  const { RealtimeDialogue, ResponsesDialogue } =
    require('./reading/openai-dialogues.js') as typeof import('./reading/openai-dialogues.js');
  return format === openAiRealtime ? new RealtimeDialogue(model) : new ResponsesDialogue();
}
