import { recordedFetch, startChatDebug, withRun } from 'opentelemetry-instrumentation-chatdebug';
import { exchanges } from './exchanges.mjs';

/** Plays the exchanges with the runtime's own `fetch` and with the recorded one, and writes what each showed. */
const { PROVIDER_URL = '' } = process.env;
const handle = startChatDebug({ capture: 'full' });
const bare = await exchanges(fetch, PROVIDER_URL);
const recorded = await withRun({ chatId: 'c' }, () => exchanges(recordedFetch(fetch), PROVIDER_URL));
await handle.shutdown();
console.log(JSON.stringify({ bare, recorded }));
process.exit();
