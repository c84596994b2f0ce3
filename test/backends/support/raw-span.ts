import { SERVICE } from './application.js';

/** A span of a kept run in OTLP, without redaction by the package. */
export interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Of the span and of an event on it. */
  readonly attributes?: readonly object[];
}

export const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
export const number = (key: string, value: number) => ({ key, value: { intValue: value } });
export const flag = (key: string, value: boolean) => ({ key, value: { boolValue: value } });
export const list = (key: string, ...values: string[]) => ({
  key,
  value: { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } },
});

/** @param endpoint the base URL of an OTLP receiver */
export async function sendSpan(
  endpoint: string,
  { traceId, spanId, attributes = [] }: RawSpan,
): Promise<void> {
  const at = `${Date.now()}000000`;
  const span = {
    traceId,
    spanId,
    name: 'invoke_workflow',
    kind: 1,
    startTimeUnixNano: at,
    endTimeUnixNano: at,
    attributes: [text('chatdebug.run.id', 'r'), text('chatdebug.error.kind', 'generic'), ...attributes],
    events: [{ name: 'chatdebug.attempt', timeUnixNano: at, attributes }],
    status: {},
  };
  const resource = { attributes: [text('service.name', SERVICE)] };
  const answer = await fetch(`${endpoint}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'raw' }, spans: [span] }] }],
    }),
  });
  if (!answer.ok) throw new Error(`not taken: ${answer.status} ${await answer.text()}`);
}
