import { APICallError, generateText, type LanguageModel, RetryError, streamText } from 'ai';

/** What an application sees of an exception: its class and its message. */
export function seen(error: unknown): object {
  const { name, message, stack, ...members } = error as Error;
  return {
    name,
    message,
    hasStack: typeof stack === 'string',
    classes: classesOf(error),
    isCall: APICallError.isInstance(error),
    isRetry: RetryError.isInstance(error),
    members: JSON.stringify(members, withoutDate),
  };
}

function classesOf(error: unknown): string[] {
  const proto: object | null = Object.getPrototypeOf(error);
  return proto === null ? [] : [proto.constructor.name, ...classesOf(proto)];
}

/** Server headers that differ between responses. */
function withoutDate(name: string, value: unknown): unknown {
  return name === 'date' || name === 'timestamp' ? undefined : value;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, withoutDate) ?? 'null');

export interface Asked {
  readonly signal?: AbortSignal | undefined;
  readonly maxRetries?: number;
}

/** Everything that `generateText` returns. */
export async function observedGenerate(model: LanguageModel, { signal, maxRetries = 2 }: Asked = {}) {
  try {
    const result = await generateText({
      model,
      prompt: 'Hi',
      maxRetries,
      ...(signal && { abortSignal: signal }),
    });
    const { text, content, finishReason, usage, totalUsage, warnings, response, request, steps } = result;
    return plain({ text, content, finishReason, usage, totalUsage, warnings, response, request, steps });
  } catch (error) {
    return seen(error);
  }
}

/**
 * Everything that `streamText` returns. `reader` may stop early. The order of the reader's parts and of the
 * callbacks is not compared, since it differs between versions of Node.
 */
export async function observedStream(
  model: LanguageModel,
  { signal, maxRetries = 2 }: Asked = {},
  reader: (part: { readonly type: string }) => boolean | Promise<boolean> = () => true,
) {
  const parts: unknown[] = [];
  const calls: unknown[] = [];
  const result = streamText({
    model,
    prompt: 'Hi',
    maxRetries,
    ...(signal && { abortSignal: signal }),
    onError: ({ error }) => void calls.push(['error', seen(error)]),
    onAbort: ({ steps }) => void calls.push(['abort', steps.length]),
    onFinish: ({ text, usage, finishReason }) =>
      void calls.push(['finish', plain([text, usage, finishReason])]),
  });
  try {
    for await (const part of result.fullStream) {
      const { error, ...rest } = part as { type: string; error?: unknown };
      parts.push(error === undefined ? plain(rest) : [rest, seen(error)]);
      if (!(await reader(part))) break;
    }
  } catch (error) {
    parts.push(['thrown', seen(error)]);
  }
  return { parts, calls };
}
