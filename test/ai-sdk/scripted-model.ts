/** The form of usage and finish reason in a specification version. */
const ENDINGS = {
  v2: {
    usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10, reasoningTokens: 1, cachedInputTokens: 2 },
    finishReason: 'stop',
  },
  v3: {
    usage: {
      inputTokens: { total: 7, noCache: 5, cacheRead: 2, cacheWrite: undefined },
      outputTokens: { total: 3, text: 2, reasoning: 1 },
    },
    finishReason: { unified: 'stop', raw: 'stop' },
  },
};

export const ENDING = { ...ENDINGS, v4: ENDINGS.v3 };

export type Version = keyof typeof ENDING;

export interface Script {
  generate?: (options: object) => unknown;
  stream?: (options: object) => unknown;
}

/** A language model without network access, in the types of `@ai-sdk/provider`. */
export function scriptedModel<V extends Version = 'v3'>(script: Script, version = 'v3' as V) {
  return {
    specificationVersion: version,
    provider: 'scripted.chat',
    modelId: 'script-1',
    supportedUrls: {},
    doGenerate: async (options: object): Promise<never> =>
      (await (script.generate ?? (() => answer('Hello', version)))(options)) as never,
    doStream: async (options: object): Promise<never> =>
      (await (script.stream ?? (() => streamed(textParts('Hello', version))))(options)) as never,
  };
}

/** The result of `doGenerate`. */
export function answer(text: string, version: Version = 'v3', more: object = {}) {
  return { content: [{ type: 'text', text }], ...ENDING[version], warnings: [], ...more };
}

/** The parts of a stream with these texts. */
export function textParts(pieces: string | readonly string[], version: Version = 'v3'): object[] {
  const list = typeof pieces === 'string' ? [pieces] : pieces;
  return [
    { type: 'stream-start', warnings: [] },
    { type: 'text-start', id: '1' },
    ...list.map((delta) => ({ type: 'text-delta', id: '1', delta })),
    { type: 'text-end', id: '1' },
    { type: 'finish', ...ENDING[version] },
  ];
}

/** The result of `doStream`: parts one at a time, then the end, or what `last` does. */
export function streamed(
  parts: readonly unknown[],
  last: (controller: ReadableStreamDefaultController<unknown>) => void = (controller) => controller.close(),
) {
  const left = [...parts];
  const stream = new ReadableStream<unknown>(
    {
      pull: (controller) => (left.length > 0 ? controller.enqueue(left.shift()) : last(controller)),
    },
    { highWaterMark: 0 },
  );
  return { stream };
}

/** Reads a stream to its end. */
export async function partsOf(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const parts: unknown[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
