import { join } from 'node:path';
import { REPOSITORY } from '../../support/child.js';
import { openPage, startBrowser } from './browser.js';
import { recordDemo } from './demo.js';
import { startFixtureServer } from './fixture-server.js';

/** `npm run screenshot`: the image in the README, of the failed turn of the demo. */
async function main(): Promise<void> {
  const runs = await recordDemo('full');
  const failed = runs.find(({ run }) => run.error?.kind === 'generic');
  const server = await startFixtureServer(runs);
  const browser = await startBrowser();
  const { page } = await openPage(browser, server.base, `page?chat=travel-1#run=${failed?.run.id}`);
  await page.getByRole('heading', { name: /^Step 1/ }).waitFor();
  await page.getByText('Live.', { exact: true }).waitFor();
  await page.screenshot({ path: join(REPOSITORY, 'docs', 'debug-tab.png'), animations: 'disabled' });
  await browser.close();
  await server.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
