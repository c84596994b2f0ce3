import type { OtlpReceiver } from '../../test/support/otlp-receiver.js';
import type { ReceivedRequest, Reply } from '../../test/support/provider.js';

/** Headers that belong to one connection or that `fetch` sets. */
const NOT_PASSED_ON = new Set(['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

/**
 * Forwards received requests to the endpoint, byte for byte. A request counts as received only if the endpoint accepts
 * it.
 *
 * @returns a function that returns the last problem, if any
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

/** A status that is not retried: the demo does not wait for the endpoint to start. */
function refusedForGood(message: string): Reply {
  return { type: 'json', status: 403, body: { code: 14, message } };
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
