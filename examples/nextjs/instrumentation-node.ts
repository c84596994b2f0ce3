import { startChatDebug } from 'opentelemetry-instrumentation-chatdebug';
import { processRuns } from 'opentelemetry-instrumentation-chatdebug/debug-tab';
import { startScriptedProvider } from './scripted-provider';

startChatDebug();
// The Debug tab finds runs from the start, not only from its first request on.
processRuns();
if (process.env.OPENAI_API_KEY === undefined) {
  process.env.OPENAI_API_KEY = 'none';
  process.env.OPENAI_BASE_URL = `${await startScriptedProvider()}/v1`;
}
