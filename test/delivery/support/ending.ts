import { type ChildOptions, type Ended, type Program, runNode } from '../../support/child.js';
import type { OtlpReceiver } from '../../support/otlp-receiver.js';

/**
 * A program that holds five undelivered spans, `one 0` to `one 4`, when its own text begins or, with
 * `WITHOUT=1` in its environment, no spans and no delivery. Its text can use `delivery` and `write(name)`.
 */
export function holdingFive(text: string, options: object = {}): Program {
  const source = `
    const tools = process.env.WITHOUT ? undefined : {
      ...require('../dist/delivery.js'), ...require('@opentelemetry/sdk-trace-node'),
    };
    const delivery = tools && new tools.SpanDelivery(${JSON.stringify({ exitTimeoutMillis: 20_000, ...options })});
    const tracer = tools && new tools.NodeTracerProvider({ spanProcessors: [delivery] }).getTracer('test');
    const write = (name) => tracer?.startSpan(name).end();
    for (let i = 0; i < 5; i++) write('one ' + i);
    ${text}`;
  return { source, type: 'commonjs' };
}

export const FIVE = ['one 0', 'one 1', 'one 2', 'one 3', 'one 4'];

export interface Endings {
  readonly without: Ended;
  readonly with: Ended;
}

/** Runs it without the delivery and with it. Its output does not contain the name of its file. */
export async function endBothWays(
  text: string,
  receiver: Pick<OtlpReceiver, 'url'>,
  options: ChildOptions = {},
): Promise<Endings> {
  const program = holdingFive(text);
  const env = { ...options.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const [without, withUs] = await Promise.all([
    runNode(program, { ...options, env: { ...env, WITHOUT: '1' } }),
    runNode(program, { ...options, env }),
  ]);
  return { without: unnamed(without), with: unnamed(withUs) };
}

function unnamed(ended: Ended): Ended {
  return { ...ended, stderr: ended.stderr.replaceAll(/[\w-]+\.cjs/g, 'program.cjs') };
}
