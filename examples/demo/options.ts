import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo [-- options]

Runs a small chat application against a scripted provider, both on this machine, and prints
what the instrumentation sent: runs, their steps, and the attempts of each step. Of its four
turns one fails for a reason nobody expected; by default nothing but that one is sent.

  --capture MODE  errors (default) or full: every turn, with headers and bodies
  --endpoint URL  send it to an OTLP/HTTP endpoint as well: a Collector, Jaeger or Tempo, for
                  example http://localhost:4318. OTEL_EXPORTER_OTLP_HEADERS goes along.
  --help          print this and exit
`;

export interface DemoOptions {
  readonly help: boolean;
  readonly capture: 'errors' | 'full';
  readonly endpoint: string | undefined;
}

/** @throws Error that names the option it can't use. */
export function parseOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: { capture: { type: 'string' }, endpoint: { type: 'string' }, help: { type: 'boolean' } },
  });
  const { capture = 'errors', endpoint, help = false } = values;
  if (capture !== 'errors' && capture !== 'full') {
    throw new Error(`Option '--capture' takes errors or full, not '${capture}'`);
  }
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    throw new Error(`Option '--endpoint' takes an http or https URL, not '${endpoint}'`);
  }
  return { help, capture, endpoint: endpoint?.replace(/\/+$/, '') };
}
