/** A client of a model: the statements of a program, as text. */
export interface Client {
  readonly name: string;
  /** The local names of exports, by module specifier. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly setUp: string;
  /** Expressions of `prompt` that settle when the response has been read, streamed or not. */
  readonly ask: string;
  readonly stream: string;
  readonly provider: string;
  /** The model of its requests. */
  readonly model: string;
  /** Whether it retries after a 500. It is configured to retry once. */
  readonly retries: boolean;
  /** Uses `node:http` instead of `fetch`. */
  readonly isNodeHttp?: boolean;
  /** The names of its own spans, one for each call. */
  readonly spans?: RegExp;
  /** Whether each call is made in a `withStep`. */
  readonly inStep?: true;
  /** The function that records its `fetch`, on runtimes whose own `fetch` is not observable. */
  readonly recordedBy?: 'recordedFetch' | 'installFetch';
}

const OPENAI = { provider: 'openai', model: 'gpt-4o-mini' };
const BASE_URL = "process.env.PROVIDER_URL + '/v1'";
const MESSAGES = "messages: [{ role: 'user', content: prompt }]";

export function openai(version: number, module = `openai${version}`): Client {
  const options = `model: 'gpt-4o-mini', ${MESSAGES}`;
  return {
    ...OPENAI,
    name: `openai ${version}`,
    imports: { [module]: { default: 'OpenAI' } },
    setUp: `const client = new OpenAI({ apiKey: 'none', baseURL: ${BASE_URL}, maxRetries: 1 });`,
    ask: `client.chat.completions.create({ ${options} })`,
    stream: `client.chat.completions.create({ ${options}, stream: true }).then(drain)`,
    retries: true,
    isNodeHttp: version < 5,
  };
}

export const ANTHROPIC: Client = {
  name: 'anthropic 1',
  imports: { '@anthropic-ai/sdk': { default: 'Anthropic' } },
  setUp:
    "const client = new Anthropic({ apiKey: 'none', baseURL: process.env.PROVIDER_URL, maxRetries: 1 });",
  ask: `client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, ${MESSAGES} })`,
  stream: `client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 9, ${MESSAGES}, stream: true }).then(drain)`,
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  retries: true,
};

export function google(version: number): Client {
  return {
    name: `google ${version}`,
    imports: { [`genai${version}`]: { GoogleGenAI: 'GoogleGenAI' } },
    setUp:
      "const client = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: process.env.PROVIDER_URL } });",
    ask: "client.models.generateContent({ model: 'gemini-2.5-flash', contents: prompt })",
    stream:
      "client.models.generateContentStream({ model: 'gemini-2.5-flash', contents: prompt }).then(drain)",
    provider: 'gcp.gemini',
    model: 'gemini-2.5-flash',
    retries: false,
  };
}

export function aiSdk(version: number, telemetry: 'silent' | 'telemetry' = 'silent'): Client {
  const spoken = telemetry === 'telemetry';
  const perCall = spoken && version < 7 ? ', experimental_telemetry: { isEnabled: true }' : '';
  const registered = spoken && version >= 7;
  const options = `model: client.chat('gpt-4o-mini'), prompt, maxRetries: 1${perCall}`;
  return {
    ...OPENAI,
    name: `ai ${version}`,
    imports: {
      [`ai${version}`]: {
        generateText: 'generateText',
        streamText: 'streamText',
        ...(registered ? { registerTelemetry: 'registerTelemetry' } : {}),
      },
      [`ai${version}-openai`]: { createOpenAI: 'createOpenAI' },
      ...(registered ? { 'ai7-otel': { OpenTelemetry: 'OpenTelemetry' } } : {}),
    },
    setUp: [
      `const client = createOpenAI({ apiKey: 'none', baseURL: ${BASE_URL} });`,
      ...(registered ? ['registerTelemetry(new OpenTelemetry());'] : []),
    ].join('\n'),
    ask: `generateText({ ${options} })`,
    stream: `drain(streamText({ ${options} }).textStream)`,
    retries: true,
    ...(spoken ? { spans: version < 7 ? /^ai\.\w+$/ : /^invoke_agent / } : {}),
  };
}

const POST = "{ method: 'POST', headers: { 'content-type': 'application/json' }, body }";
const RAW = {
  ...OPENAI,
  retries: false,
  ask: 'post(false, prompt)',
  stream: 'post(true, prompt)',
};

export const FETCH: Client = {
  ...RAW,
  name: 'fetch',
  imports: {},
  setUp: raw(`const response = await fetch(url, ${POST});
  const { status } = response;
  const text = await response.text();`),
};

/** A client in `withStep`, with the facts of its requests. */
export function inStep(client: Client): Client {
  const { provider, model } = client;
  const step = (call: string) => `withStep({ provider: '${provider}', model: '${model}' }, () => ${call})`;
  return { ...client, ask: step(client.ask), stream: step(client.stream), inStep: true };
}

/** OpenAI's client with a recorded `fetch`. */
export function withRecordedFetch(client: Client): Client {
  return {
    ...client,
    setUp: client.setUp.replace('{ apiKey', '{ fetch: recordedFetch(fetch), apiKey'),
    recordedBy: 'recordedFetch',
  };
}

/** Any client, after the global `fetch` has been replaced. */
export function afterInstallFetch(client: Client): Client {
  return { ...client, setUp: `installFetch();\n${client.setUp}`, recordedBy: 'installFetch' };
}

/** Like axios and AWS's SDK. */
export const NODE_HTTP: Client = {
  ...RAW,
  name: 'node:http',
  imports: { 'node:http': { request: 'itsRequest' } },
  setUp: raw(`const options = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const response = await new Promise((resolve, reject) => {
    itsRequest(url, options, resolve).on('error', reject).end(body);
  });
  const status = response.statusCode;
  let text = '';
  for await (const chunk of response) text += chunk;`),
  isNodeHttp: true,
};

/** undici's own `request` without streaming, its own `fetch` for streams, with its own Agent. */
export function undici(version: number): Client {
  return {
    ...RAW,
    name: `undici ${version}`,
    imports: { [`undici${version}`]: { Agent: 'Agent', request: 'request', fetch: 'itsFetch' } },
    setUp: `const dispatcher = new Agent();
${raw(`const options = { ...${POST}, dispatcher };
  const response = stream ? await itsFetch(url, options) : await request(url, options);
  const status = response.status ?? response.statusCode;
  const text = await (response.body.text?.() ?? response.text());`)}`,
  };
}

/** A client in an application that sets undici's Agent as global dispatcher. */
export function throughDispatcher(client: Client, version: number): Client {
  return {
    ...client,
    name: `${client.name} through undici ${version}`,
    imports: { [`undici${version}`]: { Agent: 'Agent', setGlobalDispatcher: 'set' }, ...client.imports },
    setUp: `set(new Agent());\n${client.setUp}`,
  };
}

function raw(exchange: string): string {
  return `async function post(stream, prompt) {
  const url = ${BASE_URL} + '/chat/completions';
  const body = JSON.stringify({ model: 'gpt-4o-mini', ${MESSAGES}, stream });
  ${exchange}
  if (status >= 400) throw new Error(text);
}`;
}
