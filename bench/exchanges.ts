import { gzipSync } from 'node:zlib';

/** The responses of the bench's provider: chat completions as bytes on the wire. */

/** The same number and length of chunks as OpenAI sends. */
const HEADERS = [
  'date: Mon, 01 Dec 2025 12:00:00 GMT',
  'connection: keep-alive',
  'access-control-expose-headers: X-Request-ID',
  'openai-organization: org-bench',
  'openai-processing-ms: 512',
  'openai-project: proj_Bench0123456789abcdefghij',
  'openai-version: 2020-10-01',
  'x-envoy-upstream-service-time: 520',
  'x-ratelimit-limit-requests: 30000',
  'x-ratelimit-limit-tokens: 150000000',
  'x-ratelimit-remaining-requests: 29999',
  'x-ratelimit-remaining-tokens: 149999970',
  'x-ratelimit-reset-requests: 2ms',
  'x-ratelimit-reset-tokens: 0s',
  'x-request-id: req_0123456789abcdef0123456789abcdef',
  'cf-cache-status: DYNAMIC',
  'set-cookie: __cf_bm=0123456789abcdef; path=/; expires=Mon, 01-Dec-25 12:30:00 GMT; domain=.api.openai.com; HttpOnly',
  'strict-transport-security: max-age=31536000; includeSubDomains; preload',
  'x-content-type-options: nosniff',
  'server: cloudflare',
  'cf-ray: 0123456789abcdef-FRA',
  'alt-svc: h3=":443"; ma=86400',
];

const PROSE =
  'The tide comes in twice a day, and with it the small boats; those who wait for it learn to read the water.\n';
const CHAT = {
  id: 'chatcmpl-BenchBenchBenchBenchBenchBe',
  created: 1_764_590_400,
  model: 'gpt-4o-mini-2024-07-18',
};
const USAGE = { prompt_tokens: 120, completion_tokens: 400, total_tokens: 520 };

export const JSON_BODY_BYTES = 2_048;

/** A completion with a body of 2 KB. */
export function jsonExchange(): { readonly bytes: Buffer; readonly text: string } {
  const body = (text: string): string =>
    JSON.stringify({
      ...CHAT,
      object: 'chat.completion',
      choices: [
        { index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' },
      ],
      usage: USAGE,
    });
  // Line breaks take two bytes in JSON: the text is shortened until it fits.
  let text = PROSE.repeat(Math.ceil(JSON_BODY_BYTES / PROSE.length));
  while (body(text).length > JSON_BODY_BYTES) text = text.slice(0, -1);
  const head = [...HEADERS, 'content-type: application/json', `content-length: ${body(text).length}`];
  return { bytes: Buffer.from(`HTTP/1.1 200 OK\r\n${head.join('\r\n')}\r\n\r\n${body(text)}`), text };
}

/** The same completion, compressed and without a length, as most providers send it. */
export function compressedExchange(): Buffer {
  const { bytes } = jsonExchange();
  const body = gzipSync(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
  const head = [
    ...HEADERS,
    'content-type: application/json',
    'content-encoding: gzip',
    'transfer-encoding: chunked',
  ];
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${head.join('\r\n')}\r\n\r\n${body.length.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
}

const ERROR_BODY = JSON.stringify({
  error: { message: 'The server had an error.', type: 'server_error', param: null, code: null },
});

/** An error with status 500, or inside a response that looks like a success. */
export function errorExchange(statusLine: '500 Internal Server Error' | '200 OK'): Buffer {
  const head = [...HEADERS, 'content-type: application/json', `content-length: ${ERROR_BODY.length}`];
  return Buffer.from(`HTTP/1.1 ${statusLine}\r\n${head.join('\r\n')}\r\n\r\n${ERROR_BODY}`);
}

/** The head of a stream, its chunks with their frames, and its end. */
export function streamExchange(chunks: number): readonly Buffer[] {
  const head = [...HEADERS, 'content-type: text/event-stream; charset=utf-8', 'transfer-encoding: chunked'];
  const delta = (delta: object, finish: string | null = null): Buffer => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    const event = { ...CHAT, object: 'chat.completion.chunk', system_fingerprint: 'fp_0123456789', choices };
    return frame(`data: ${JSON.stringify(event)}\n\n`);
  };
  const words = delta({ content: STREAM_WORD });
  return [
    Buffer.from(`HTTP/1.1 200 OK\r\n${head.join('\r\n')}\r\n\r\n`),
    ...Array.from({ length: chunks - 1 }, () => words),
    delta({}, 'stop'),
    Buffer.concat([frame('data: [DONE]\n\n'), Buffer.from('0\r\n\r\n')]),
  ];
}

export const STREAM_WORD = ' tide';

function frame(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
