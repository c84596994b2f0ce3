import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import OpenAI from 'openai';
import {
  installFetch,
  recordedFetch,
  startChatDebug,
  withRun,
} from 'opentelemetry-instrumentation-chatdebug/workers';

const ended = [];
/** A request may use only what was made within it: spans wait here until one exports them. */
const processor = {
  onStart() {},
  onEnd: (span) => ended.push(span),
  async forceFlush() {},
  async shutdown() {},
};

let handle;
/** Requests whose spans have not been exported yet. */
let pending = 0;
function start({ PIPELINE: pipeline }) {
  if (handle !== undefined) return;
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }));
  handle = startChatDebug({ pipeline });
}

async function deliver({ OTLP_URL }) {
  await handle.forceFlush();
  const spans = ended.splice(0);
  if (spans.length === 0) return;
  const exporter = new OTLPTraceExporter({ url: `${OTLP_URL}/v1/traces` });
  await new Promise((resolve) => exporter.export(spans, resolve));
}

async function hashOf(bytes) {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What the application sees of a call. */
async function seen(call) {
  try {
    const response = await call();
    const { status, headers, url } = response;
    const bytes = await response.arrayBuffer();
    return {
      status,
      type: headers.get('content-type'),
      url,
      size: bytes.byteLength,
      hash: await hashOf(bytes),
    };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}

/** Forwards a stream to the client as it arrives. Another branch of it resolves when it has ended, inside the run. */
async function relay(url, env, ctx) {
  const { body } = await recordedFetch(fetch)(url, { method: 'POST', body: '{"model":"m","messages":[]}' });
  const [forClient, toItsEnd] = body.tee();
  pending += 1;
  const delivered = new Response(toItsEnd)
    .text()
    .then(() => deliver(env))
    .finally(() => {
      pending -= 1;
    });
  ctx.waitUntil(delivered);
  return new Response(forClient);
}

const TURNS = {
  call: (url, chat, fetch) => {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `Hi of ${chat}` }] });
    return seen(() => fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } }));
  },
  request: (url, chat, fetch) => {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `Hi of ${chat}` }] });
    return seen(() => fetch(new Request(url, { method: 'POST', body })));
  },
  /** By the global fetch, while a recorded one is installed, and once more afterwards. */
  installed: async (url, chat) => {
    const bare = globalThis.fetch;
    const uninstall = installFetch();
    const first = await TURNS.call(url, chat, globalThis.fetch);
    uninstall();
    const second = await TURNS.call(url, chat, globalThis.fetch);
    return { first, second, isRestored: globalThis.fetch === bare };
  },
  abort: async (url, _chat, fetch) => {
    const signal = AbortSignal.timeout(100);
    return seen(() => fetch(url, { method: 'POST', body: '{}', signal }));
  },
  /** Waits until everything is exported. */
  wait: async () => {
    while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  },
  openai: async (url, chat, fetch) => {
    const client = new OpenAI({ apiKey: 'none', baseURL: url.replace('/chat/completions', ''), fetch });
    const messages = [{ role: 'user', content: `Hi of ${chat}` }];
    const { choices } = await client.chat.completions.create({ model: 'm', messages });
    return choices[0].message.content;
  },
};

export default {
  async fetch(request, env, ctx) {
    const { searchParams } = new URL(request.url);
    const [turn, answer, chat, bare] = ['turn', 'answer', 'chat', 'bare'].map((name) =>
      searchParams.get(name),
    );
    try {
      start(env);
    } catch (error) {
      return Response.json(error.message);
    }
    const url = `${env.PROVIDER_URL}/${answer}/v1/chat/completions`;
    if (bare !== null) return Response.json((await TURNS[turn](url, chat, fetch)) ?? null);
    if (turn === 'relay') return withRun({ chatId: chat }, () => relay(url, env, ctx));
    const run = withRun({ chatId: chat, ownerId: chat }, () => TURNS[turn](url, chat, recordedFetch(fetch)));
    pending += 1;
    const delivered = run
      .then(() => deliver(env))
      .finally(() => {
        pending -= 1;
      });
    ctx.waitUntil(delivered);
    return Response.json(await run);
  },
};
