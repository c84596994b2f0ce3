import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import OpenAI from 'openai';
import {
  type ChatDebugHandle,
  type ChatDebugOptions,
  type RunOptions,
  startChatDebug,
  withRun,
  withStep,
} from '../../../src/index.js';
import { completion, openaiError, rateLimited } from '../../support/openai-replies.js';
import { type Reply, startProvider } from '../../support/provider.js';

export const SERVICE = 'chat';

export const ANSWERED: Reply = completion('Hello.');
/** An error of the kind `generic`. */
export const BROKEN: Reply = openaiError(500, null, 'server_error', 'Broken', {
  'x-request-id': 'req_broken',
});
/** An error of the kind `rate_limit`. */
export const BUSY: Reply = rateLimited(1);

/** A chat application in this process, with its own provider. */
export interface Application {
  readonly handle: ChatDebugHandle;
  /** One turn, with a model call for each reply unless the client retries. Never rejects. */
  turn(options: RunOptions, ...replies: Reply[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param endpoint the base URL of an OTLP receiver
 * @param maxRetries of its client
 */
export async function startApplication(
  endpoint: string,
  options: ChatDebugOptions = {},
  maxRetries = 0,
): Promise<Application> {
  const provider = await startProvider();
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const handle = startChatDebug({ serviceName: SERVICE, exporter, ...options });
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${provider.url}/v1`, maxRetries });
  const call = () =>
    withStep({ operation: 'generate', provider: 'openai', model: 'gpt-4o-mini' }, () =>
      openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'Hello?' }],
      }),
    );
  return {
    handle,
    turn: async (run, ...replies) => {
      provider.reply(...replies);
      await withRun(run, async () => {
        for (const _ of replies) await call();
      }).catch(() => {});
    },
    stop: async () => {
      await handle.shutdown();
      await provider.close();
    },
  };
}
