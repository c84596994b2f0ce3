import { ChatDebugConfigError } from './config/setting.js';
import { startChatDebug } from './start.js';

/**
 * Side effects only, for `node --import opentelemetry-instrumentation-chatdebug/register app.js` (or
 * `--require`): starts recording as the variables say. A bad variable is printed, and the application runs
 * without recording.
 */
try {
  startChatDebug();
} catch (error) {
  const reason = error instanceof ChatDebugConfigError ? error.message : error;
  console.error('opentelemetry-instrumentation-chatdebug records nothing:', reason);
}
