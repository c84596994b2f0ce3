import { startChatDebug } from 'opentelemetry-instrumentation-chatdebug';
import { startScriptedProvider } from './scripted-provider';

startChatDebug();
if (process.env.OPENAI_API_KEY === undefined) {
  process.env.OPENAI_API_KEY = 'none';
  process.env.OPENAI_BASE_URL = `${await startScriptedProvider()}/v1`;
}
