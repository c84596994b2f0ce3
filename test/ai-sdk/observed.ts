import { APICallError, generateText, type LanguageModel, RetryError, streamText } from 'ai';

/** What an application sees of an exception: which one it is, and what it says. */
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

/** Of a server's headers, which differ from answer to answer. */
function withoutDate(name: string, value: unknown): unknown {
  return name === 'date' || name === 'timestamp' ? undefined : value;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, withoutDate) ?? 'null');

export interface Asked {
  readonly signal?: AbortSignal | undefined;
  readonly maxRetries?: number;
}

/** Everything that `generateText` gives an application. */
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

/** Everything that `streamText` gives an application; `reader` may stop early. */
export async function observedStream(
  model: LanguageModel,
  { signal, maxRetries = 2 }: Asked = {},
  reader: (part: { readonly type: string }) => boolean | Promise<boolean> = () => true,
) {
  const events: unknown[] = [];
  const result = streamText({
    model,
    prompt: 'Hi',
    maxRetries,
    ...(signal && { abortSignal: signal }),
    onError: ({ error }) => void events.push(['error', seen(error)]),
    onAbort: ({ steps }) => void events.push(['abort', steps.length]),
    onFinish: ({ text, usage, finishReason }) =>
      void events.push(['finish', plain([text, usage, finishReason])]),
  });
  try {
    for await (const part of result.fullStream) {
      const { error, ...rest } = part as { type: string; error?: unknown };
      events.push(error === undefined ? plain(rest) : [rest, seen(error)]);
      if (!(await reader(part))) break;
    }
  } catch (error) {
    events.push(['thrown', seen(error)]);
  }
  return events;
}
