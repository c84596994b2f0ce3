import { setTimeout as sleep } from 'node:timers/promises';
import { CaseError, type CaseRequest } from '../case/format.js';
import { classifyError, fingerprintOf } from '../error/index.js';
import type { Body } from './search.js';

/** The header for a provider's key, and the variables from which its SDKs read it. */
interface KeyHeader {
  readonly header: string;
  readonly prefix: string;
  readonly variables: readonly string[];
}

const bearer = (...variables: readonly string[]): KeyHeader => ({
  header: 'authorization',
  prefix: 'Bearer ',
  variables,
});

const BY_PROVIDER: readonly (readonly [prefix: string, keyHeader: KeyHeader])[] = [
  ['anthropic', { header: 'x-api-key', prefix: '', variables: ['ANTHROPIC_API_KEY'] }],
  ['azure', { header: 'api-key', prefix: '', variables: ['AZURE_OPENAI_API_KEY'] }],
  ['aws', bearer('AWS_BEARER_TOKEN_BEDROCK')],
  ['cohere', bearer('COHERE_API_KEY', 'CO_API_KEY')],
  ['deepseek', bearer('DEEPSEEK_API_KEY')],
  ['gcp', { header: 'x-goog-api-key', prefix: '', variables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] }],
  ['groq', bearer('GROQ_API_KEY')],
  ['mistral', bearer('MISTRAL_API_KEY')],
  ['openrouter', bearer('OPENROUTER_API_KEY')],
  ['replicate', bearer('REPLICATE_API_TOKEN')],
  ['vercel', bearer('AI_GATEWAY_API_KEY')],
  ['x_ai', bearer('XAI_API_KEY')],
];

/** Unknown providers are treated like OpenAI. */
export function keyHeaderOf(provider: string | undefined): KeyHeader {
  const known = BY_PROVIDER.find(([name]) => provider?.startsWith(name) === true);
  return known?.[1] ?? bearer('OPENAI_API_KEY');
}

const NOT_SENT =
  /^(?:accept-encoding|connection|content-length|cookie|expect|host|keep-alive|proxy-.*|te|traceparent|tracestate|baggage|trailer|transfer-encoding|upgrade)$/i;

/**
 * The recorded headers without redacted and hop-by-hop ones, with the key.
 *
 * @param key `undefined` to send none
 */
export function headersWithKey(
  { headers, path }: CaseRequest,
  keyHeader: KeyHeader,
  key: string | undefined,
): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => !NOT_SENT.test(name) && !value.includes('[REDACTED]'),
  );
  const isAnthropic = /\/messages(?:$|\?)/.test(path);
  return {
    ...(isAnthropic && { 'anthropic-version': '2023-06-01' }),
    ...Object.fromEntries(kept),
    'content-type': 'application/json',
    ...(key !== undefined && { [keyHeader.header]: keyHeader.prefix + key }),
  };
}

interface ProviderClientOptions {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly provider: string | undefined;
  /** The number of requests before `confirmContinue` is called, once. */
  readonly budget: number;
  readonly confirmContinue: (sent: number) => Promise<boolean>;
  /** Stops the search. */
  readonly signal: AbortSignal;
}

export interface Rejection {
  readonly status: number;
  readonly kind: string;
  readonly errorType: string;
  readonly detail: string | undefined;
  readonly fingerprint: string;
}

/** The search ends early: its signal is aborted, or the budget is exhausted and no more requests are confirmed. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

const TIMEOUT_MILLIS = 60_000;
const MAX_BODY_BYTES = 64 * 1024;
const OVERLOADED_TRIES = 3;
const LONGEST_WAIT_MILLIS = 60_000;

/** Sends requests to one provider and classifies its errors. Sends each distinct body once. */
export class ProviderClient {
  readonly #known = new Map<string, Rejection | undefined>();
  #sent = 0;
  #isConfirmed = false;

  constructor(private readonly options: ProviderClientOptions) {}

  get sent(): number {
    return this.#sent;
  }

  /**
   * @returns `undefined` if the provider accepted the request; the response is then not read
   * @throws CaseError without a response, after a redirect, or if the provider is still overloaded after three tries
   * @throws StoppedError if no more requests are confirmed, or the signal is aborted
   */
  async send(body: Body): Promise<Rejection | undefined> {
    const json = JSON.stringify(body);
    if (this.#known.has(json)) return this.#known.get(json);
    for (let tries = 1; ; tries += 1) {
      const { rejection, waitMillis } = await this.#post(json);
      if (waitMillis === undefined) {
        this.#known.set(json, rejection);
        return rejection;
      }
      if (tries === OVERLOADED_TRIES || waitMillis > LONGEST_WAIT_MILLIS)
        throw new CaseError(
          `${this.#host} responded with ${rejection?.status} (${rejection?.errorType}) ${tries} times: it is overloaded`,
        );
      await sleep(waitMillis, undefined, { signal: this.options.signal }).catch(() => {});
    }
  }

  get #host(): string {
    return new URL(this.options.url).host;
  }

  /** `waitMillis` is set if the response is not a verdict on the request. */
  async #post(
    body: string,
  ): Promise<{ readonly rejection: Rejection | undefined; readonly waitMillis: number | undefined }> {
    const { url, method, headers, provider } = this.options;
    await this.#takeFromBudget();
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MILLIS), this.options.signal]);
    // A redirect could lead to another host, and the key with it.
    const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' }).catch(
      (error) => {
        this.#throwIfStopped();
        throw new CaseError(`Request to ${this.#host} failed: ${error?.cause?.code ?? error?.name}`, {
          cause: error,
        });
      },
    );
    const { status } = response;
    if (status < 300) {
      // Stops the generation, which is billed.
      await response.body?.cancel();
      return { rejection: undefined, waitMillis: undefined };
    }
    if (status < 400) {
      await response.body?.cancel();
      throw new CaseError(`${this.#host} redirected (${status}), which is not followed`);
    }
    const text = await readStart(response).catch((error) => {
      this.#throwIfStopped();
      throw new CaseError(`Request to ${this.#host} failed: ${error?.cause?.code ?? error?.name}`, {
        cause: error,
      });
    });
    const failure = { status, headers: response.headers, body: text };
    const classified = classifyError(failure, provider === undefined ? {} : { provider });
    const rejection: Rejection = {
      status,
      kind: classified.kind,
      errorType: classified.errorType,
      detail: classified.detail,
      fingerprint: fingerprintOf(classified),
    };
    const isOverloaded = status === 429 || status >= 500;
    return { rejection, waitMillis: isOverloaded ? (classified.retryAfterMillis ?? 1_000) : undefined };
  }

  #throwIfStopped(): void {
    if (this.options.signal.aborted) throw new StoppedError(`Interrupted after ${this.#sent} requests`);
  }

  async #takeFromBudget(): Promise<void> {
    this.#throwIfStopped();
    if (this.#sent >= this.options.budget && !this.#isConfirmed) {
      this.#isConfirmed = await this.options.confirmContinue(this.#sent);
      if (!this.#isConfirmed) throw new StoppedError(`Stopped after ${this.#sent} requests`);
    }
    this.#sent += 1;
  }
}

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  const reader = response.body?.getReader();
  for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
    text += decoder.decode(piece.value, { stream: true });
    if (text.length > MAX_BODY_BYTES) {
      await reader?.cancel();
      break;
    }
  }
  return text;
}

/** Joins a base URL and a path that may overlap: `https://api.openai.com/v1` and `/v1/chat/completions`. */
export function joinUrl(base: URL, path: string): string {
  const before = base.pathname.replace(/\/+$/, '');
  const segments = before.split('/');
  for (let at = 0; at < segments.length; at += 1) {
    const end = `/${segments.slice(at).filter(Boolean).join('/')}`;
    if (end !== '/' && (path === end || path.startsWith(`${end}/`)))
      return base.origin + segments.slice(0, at).join('/') + path;
  }
  return base.origin + before + path;
}
