import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** The browser to test with: `CHATDEBUG_TEST_CHROMIUM`, else one on the PATH. */
export function findChromium(): string | undefined {
  const named = process.env['CHATDEBUG_TEST_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const places = directories.flatMap((directory) => NAMES.map((name) => join(directory, name)));
  return places.find((place) => existsSync(place));
}
