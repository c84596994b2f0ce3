import type { ReceivedSpan } from '../support/otlp-receiver.js';
import { stopAllPrograms } from './support/program.js';
import { list, number, sendSpan, text } from './support/raw-span.js';
import { type SinkCollector, startSinkCollector } from './support/sink.js';

let to: SinkCollector;
beforeAll(async () => {
  to = await startSinkCollector({ config: 'collector-config.yaml' }, ['traces/runs', 'traces/others']);
});
afterAll(async () => {
  await to.sink.close();
  await stopAllPrograms();
});

let sent = 0;

/** Sends a span with these attributes and returns what was stored. */
async function through(...attributes: object[]): Promise<ReceivedSpan | undefined> {
  const spanId = (++sent).toString(16).padStart(16, '0');
  await sendSpan(to.collector.url, { traceId: spanId.repeat(2), spanId, attributes });
  const isIt = (span: ReceivedSpan): boolean => span.spanId === spanId;
  return (await to.sink.waitForSpans((spans) => spans.some(isIt), 60_000)).find(isIt);
}

const SECRETS: Record<string, string> = {
  openai: `sk-proj-${'aB3_'.repeat(12)}`,
  anthropic: `sk-ant-api03-${'aB3_'.repeat(12)}`,
  google: `AIza${'SyA1b2'.repeat(6)}`,
  aws: 'AKIAIOSFODNN7EXAMPLE',
  github: `ghp_${'a1B2'.repeat(9)}`,
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  bearer: 'Bearer abcdef0123456789abcdef',
  'private key': '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----',
};

test.each(Object.entries(SECRETS))(
  'a secret that was not redacted before is not stored: %s',
  async (_, secret) => {
    const span = await through(
      text('chatdebug.attempt.response_body', `{"message":"you sent ${secret}"}`),
      list('http.request.header.x-custom', 'fine', secret),
    );
    expect(JSON.stringify({ ...span, startTimeUnixNano: 0, endTimeUnixNano: 0 }, plain)).not.toContain(
      secret,
    );
    for (const { attributes } of [span, ...(span?.events ?? [])].flatMap((one) => one ?? [])) {
      expect(attributes['redaction.masked.count']).toBe(2);
    }
  },
);

test.each([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'x-goog-api-key',
  'x-amz-security-token',
])('the header %s is not stored, regardless of its value', async (name) => {
  const span = await through(list(`http.request.header.${name}`, 'plain words'));
  expect(span?.attributes[`http.request.header.${name}`]).toBe('****');
});

test('other values stay unchanged', async () => {
  const attributes = {
    'http.response.header.x-ratelimit-remaining-tokens': ['120'],
    'http.request.header.authorization': ['[REDACTED]'],
    'gen_ai.usage.input_tokens': 1_234_567_890_123,
    'gen_ai.request.model': 'sk-8b-instruct',
    'chatdebug.error.detail': 'The risk-task of bearer bonds eyJ… [REDACTED]',
  };
  const span = await through(
    ...Object.entries(attributes).map(([key, value]) => {
      if (typeof value === 'number') return number(key, value);
      return typeof value === 'string' ? text(key, value) : list(key, ...value);
    }),
  );
  expect(span?.attributes).toMatchObject(attributes);
  expect(span?.attributes).not.toHaveProperty('redaction.masked.count');
});

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
