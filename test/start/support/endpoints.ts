import { completion } from '../../support/openai-replies.js';
import { type OtlpReceiver, startOtlpReceiver } from '../../support/otlp-receiver.js';
import { type ScriptedProvider, startProvider } from '../../support/provider.js';

/** The servers of a child process: a provider and the OTLP endpoint. */
export interface Endpoints {
  readonly provider: ScriptedProvider;
  readonly receiver: OtlpReceiver;
  /** For the child's environment: everything is recorded. */
  readonly env: Readonly<
    Record<'PROVIDER_URL' | 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'CHATDEBUG_CAPTURE', string>
  >;
  close(): Promise<void>;
}

export async function startEndpoints(): Promise<Endpoints> {
  const [provider, receiver] = await Promise.all([startProvider(), startOtlpReceiver()]);
  provider.reply(completion('Hello.'));
  return {
    provider,
    receiver,
    env: {
      PROVIDER_URL: provider.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      CHATDEBUG_CAPTURE: 'full',
    },
    close: async () => void (await Promise.all([provider.close(), receiver.close()])),
  };
}
