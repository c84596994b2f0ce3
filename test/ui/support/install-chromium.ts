import { spawnSync } from 'node:child_process';
import { findChromium } from './chromium.js';

/** `npm run build:browser`: installs Debian's Chromium if there is none. */
function main(): void {
  if (findChromium() === undefined) {
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', 'chromium');
  }
  console.log(`Chromium: ${findChromium()}`);
}

function aptGet(...args: string[]): void {
  const { status, error } = spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error === undefined && status === 0) return;
  console.error(
    'The tests of the Debug tab need Chromium, and apt-get cannot install it here. ' +
      'Install it, and set CHATDEBUG_TEST_CHROMIUM to the path of the program.',
  );
  process.exit(1);
}

main();
