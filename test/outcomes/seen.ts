/** What an application gets from a call: text or an error. */
export type Seen = { readonly text: string } | { readonly thrown: Thrown };

export interface Thrown {
  readonly class: string;
  readonly name: unknown;
  readonly message: string;
  readonly status: unknown;
  readonly code: unknown;
  readonly cause: Thrown | undefined;
}

/** @param url the URL of the call, whose port differs from run to run */
export async function seen(text: Promise<string>, url: () => string): Promise<Seen> {
  try {
    return { text: await text };
  } catch (error) {
    return { thrown: thrown(error, new URL(url()).port) };
  }
}

function thrown(error: unknown, port: string): Thrown {
  if (!(error instanceof Error))
    return { class: typeof error, name: '', message: String(error), status: '', code: '', cause: undefined };
  const { name, message, cause } = error;
  const { status, code } = error as { status?: unknown; code?: unknown };
  return {
    class: error.constructor.name,
    name,
    message: message.replaceAll(port, 'PORT'),
    status,
    code,
    cause: cause === undefined ? undefined : thrown(cause, port),
  };
}
