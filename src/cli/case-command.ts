import { parseArgs } from 'node:util';
import { caseOfRun } from '../case/from-run.js';
import { type Command, invalidArgument, PROGRAM, UsageError, writeOutput } from '../command.js';
import { findKeptRun } from './kept-runs.js';

const USAGE = `Usage: npx ${PROGRAM} case <run id | file.json> [options]

Writes one model call of a kept run as a field case: its requests, the responses, how they ended, and what should be
recorded. A file contains traces as JSON of Jaeger, Tempo, OTLP or the Debug tab. See docs/failure-to-test.md.

  --from <where>      where the run with this id is stored: jaeger, tempo, viewer, spool, or the URL of a trace in
                      Jaeger, of the viewer, of a Debug tab, or of a file with traces
  --url <url>         URL of Jaeger (default: http://localhost:16686), Tempo (default: http://localhost:3200) or the
                      viewer (default: http://127.0.0.1:4318), or the directory of the spool (default:
                      CHATDEBUG_SPOOL_DIRECTORY)
  --service <name>    service.name in Jaeger (default: OTEL_SERVICE_NAME, else all services)
  --header <n: v>     header for each request; can be repeated
  --run <id>          the run, if the file contains several
  --step <number>     the model call of the run (default: the one for which the run was kept)
  --no-content        replaces each text with filler of the same length; keeps structure and error
  -o, --output <file> output file (default: standard output)
  --help              prints this text

Exit code: 0 on success, 1 if the run is not found or is no basis for a case, 2 if the command line is invalid.`;

export const caseCommand: Command = {
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        url: { type: 'string' },
        service: { type: 'string' },
        header: { type: 'string', multiple: true, default: [] },
        run: { type: 'string' },
        step: { type: 'string' },
        'no-content': { type: 'boolean', default: false },
        output: { type: 'string', short: 'o' },
      },
    });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0)
      throw new UsageError('Expected one run id or one file with traces');
    if (values.from !== undefined && !/^(?:jaeger|tempo|viewer|spool|https?:\/\/.+)$/.test(values.from))
      throw invalidArgument('--from', values.from, 'jaeger, tempo, viewer, spool or an http URL');
    if (values.step !== undefined && !/^[1-9]\d{0,8}$/.test(values.step))
      throw invalidArgument('--step', values.step, 'the number of a step, from 1');
    const source = {
      from: values.from,
      url: values.url,
      service: values.service,
      headers: Object.fromEntries(values.header.map(headerPair)),
    };
    const run = await findKeptRun(name, values.run, source);
    const step = values.step === undefined ? undefined : Number(values.step);
    const made = caseOfRun(run, { step, noContent: values['no-content'] });
    const text = `${JSON.stringify(made, undefined, 2)}\n`;
    writeOutput(values.output, text);
    const parts = made.synthesised?.join(' and ');
    if (parts !== undefined)
      console.error(
        `Synthesised from the request shape and the error, as no content was recorded: ${parts}.`,
      );
    for (const note of made.notes ?? []) console.error(note);
    if (values.output !== undefined) console.error(`${values.output}: ${made.title}`);
    return 0;
  },
};

function headerPair(header: string): readonly [string, string] {
  const at = header.indexOf(':');
  if (at < 1) throw invalidArgument('--header', '[REDACTED]', 'name: value');
  return [header.slice(0, at).trim(), header.slice(at + 1).trim()];
}
