import { processState } from '../process-state.js';
import { type Finding, ok, type Surroundings, warn } from './check.js';
import { filesThatMention } from './mentions.js';
import { OUR_NAME, readPackageFile } from './package-file.js';

/** `--import …/register`, or what starts the recording in code. */
const STARTS = new RegExp(
  `${OUR_NAME}/register|\\bstartChatDebug\\s*\\(|\\bnew\\s+ChatDebugInstrumentation\\b`,
);

/**
 * Where the recording is started, as far as files and variables tell: how the application is called in the end,
 * nobody but whoever calls it knows.
 */
export function checkStarted({ folder, env }: Surroundings): Finding {
  if (processState().started !== undefined)
    return ok('NODE_OPTIONS starts it in every Node.js called from here');
  if (STARTS.test(env['NODE_OPTIONS'] ?? '')) {
    return warn(
      'NODE_OPTIONS names it, and it has not started',
      'What it says at its start is on standard error, above; see "variables" too.',
    );
  }
  const files = filesThatMention(STARTS, folder).filter((file) => file !== 'package.json');
  const places = [...scriptsThatStart(folder), ...files];
  if (places.length > 0) {
    const [first, ...more] = places;
    return ok(`in ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`);
  }
  return warn(
    'nothing was found that starts it',
    `Looked for in NODE_OPTIONS, in the scripts of package.json and in the files of ${folder}. A command that stands elsewhere can't be seen from here.`,
    `Start the application with: node --import ${OUR_NAME}/register app.mjs. Or call startChatDebug() before anything else.`,
  );
}

function scriptsThatStart(folder: string): readonly string[] {
  const scripts = Object.entries(readPackageFile(folder)?.scripts ?? {});
  return scripts.flatMap(([name, command]) => (STARTS.test(command) ? [`package.json, script ${name}`] : []));
}
