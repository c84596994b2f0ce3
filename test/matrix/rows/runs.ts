import type { Cell, Row } from '../cell.js';
import { openai } from '../clients.js';
import { REQUIRE_BANNER } from '../launch.js';
import type { Host } from '../program.js';
import { FORMS, row, WRITTEN } from './row.js';

export const STARTS: Row[] = FORMS.flatMap((form) => [
  row(`\`--import\`, ${WRITTEN[form]}`, { client: openai(6), form, load: '--import' }),
  row(`\`--require\`, ${WRITTEN[form]}`, { client: openai(6), form, load: '--require' }),
  row(`\`startChatDebug\`, ${WRITTEN[form]}`, { client: openai(6), form, load: 'code' }),
]);

const BANNER = 'with the `--banner:js` above';

export const RUNS_TEXT = `With \`openai\` 6. Next.js and other frameworks have tests of their own: [frameworks](frameworks.md).

An ES module built by esbuild has no \`require\`, which this package needs. Add it with \`${REQUIRE_BANNER}\`. A worker thread inherits \`--import\`. With \`startChatDebug\`, each thread starts the package itself.`;

export const RUNS: Row[] = FORMS.flatMap((form) => {
  const client = openai(6);
  const hosted = (host: Host, load: Cell['load']) =>
    row(`a ${host}, ${WRITTEN[form]}, ${load === 'code' ? '`startChatDebug`' : `\`${load}\``}`, {
      client,
      form,
      host,
      load,
    });
  return [
    row(`\`tsx\`, ${WRITTEN[form]}`, { client, form, runner: 'tsx', load: '--import' }),
    row(`esbuild, all in one file, ${WRITTEN[form]}`, {
      client,
      form,
      runner: 'bundled',
      load: 'code',
      ...(form === 'import' ? { note: BANNER } : {}),
    }),
    row(`esbuild, \`--packages=external\`, ${WRITTEN[form]}`, {
      client,
      form,
      runner: 'bundled, packages external',
      load: '--import',
    }),
    hosted('worker thread', '--import'),
    hosted('worker thread', 'code'),
    hosted('cluster worker', '--import'),
    hosted('cluster worker', 'code'),
  ];
});
