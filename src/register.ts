import { ChatDebugConfigError } from './config/setting.js';
import { startChatDebug } from './start.js';

/**
 * Starts recording with the configuration from environment variables: `node --import
 * opentelemetry-instrumentation-chatdebug/register app.js`, or `--require`. Prints an error for an invalid variable
 * and lets the application run without recording.
 */
try {
  startChatDebug();
} catch (error) {
  const reason = error instanceof ChatDebugConfigError ? error.message : error;
  console.error('opentelemetry-instrumentation-chatdebug records nothing:', reason);
}
