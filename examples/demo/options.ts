import { parseArgs } from 'node:util';

export const HELP = `Usage: npm run demo [-- options]

Runs a small chat application against a local scripted provider and prints what the
instrumentation sent: runs, their steps, and the attempts of each step. One of the four turns
fails with an unclassified error. By default, only that turn is sent.

  --capture MODE  errors (default) or full: every turn, with headers and bodies
  --endpoint URL  also send to an OTLP/HTTP endpoint: a Collector, Jaeger or Tempo, for
                  example http://localhost:4318. OTEL_EXPORTER_OTLP_HEADERS is sent too.
  --view          show the runs in the viewer, in a browser, until Ctrl-C
  --help          print this and exit
`;

export interface DemoOptions {
  readonly help: boolean;
  readonly capture: 'errors' | 'full';
  readonly endpoint: string | undefined;
  readonly view: boolean;
}

/** @throws Error that names the invalid option. */
export function parseOptions(args: string[]): DemoOptions {
  const { values } = parseArgs({
    args,
    options: {
      capture: { type: 'string' },
      endpoint: { type: 'string' },
      view: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const { capture = 'errors', endpoint, view = false, help = false } = values;
  if (capture !== 'errors' && capture !== 'full') {
    throw new Error(`Invalid --capture "${capture}": expected errors or full`);
  }
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    throw new Error(`Invalid --endpoint "${endpoint}": expected an http or https URL`);
  }
  if (view && endpoint !== undefined) throw new Error('--view cannot be combined with --endpoint');
  return { help, view, capture, endpoint: endpoint?.replace(/\/+$/, '') };
}
