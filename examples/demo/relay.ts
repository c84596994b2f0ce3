import type { OtlpReceiver } from '../../test/support/otlp-receiver.js';
import type { ReceivedRequest, Reply } from '../../test/support/provider.js';

/** What belongs to one connection, and what `fetch` writes by itself. */
const NOT_PASSED_ON = new Set(['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

/**
 * Passes what arrives on to the endpoint, byte for byte, and counts as arrived only what the endpoint took.
 * @returns what went wrong last, if anything did.
 */
export function relayTo(endpoint: string, receiver: OtlpReceiver): () => string | undefined {
  let problem: string | undefined;
  receiver.respond(async (request) => {
    try {
      const response = await send(endpoint, request);
      const body = await response.text();
      if (response.ok) return undefined;
      problem = `answered ${response.status} ${body.slice(0, 200)}`.trimEnd();
    } catch (error) {
      problem = `could not be reached: ${reason(error)}`;
    }
    return refusedForGood(problem);
  });
  return () => problem;
}

function send(endpoint: string, { headers, body }: ReceivedRequest): Promise<Response> {
  const passedOn = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || NOT_PASSED_ON.has(name) ? [] : [[name, String(value)] as [string, string]],
  );
  return fetch(`${endpoint}/v1/traces`, {
    method: 'POST',
    headers: passedOn,
    body: new Uint8Array(body),
    signal: AbortSignal.timeout(5_000),
  });
}

/** A status that is not tried again: a demo does not wait for an endpoint to come up. */
function refusedForGood(message: string): Reply {
  return { type: 'json', status: 403, body: { code: 14, message } };
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
