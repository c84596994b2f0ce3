/**
 * Times parts of this package by themselves, in plain Node (a loader makes them a third slower): reading response
 * bodies for the verdict, redacting bodies, classifying errors. Takes the folder of the compiled sources, the seconds
 * it may take, and on its standard input the bodies to redact. Run by bench/parts.ts.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const [folder, seconds] = process.argv.slice(2);
const load = (path) => require(join(folder, path));

const { BodyEvidence } = load('verdict/body-evidence.js');
const { bodyRedactor } = load('redact/body.js');
const { attachClassification, classifyError } = load('error/index.js');
const { OpenAI } = require('openai');

/** In microseconds of CPU time, which does not depend on other processes. */
function micros(work) {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** Measures all in turn, round by round, at least three times, after a warm-up round. */
function rounds(share, cases) {
  for (const measure of cases) measure();
  const end = performance.now() + seconds * 1_000 * share;
  const found = cases.map(() => []);
  for (let done = 0; done < 3 || performance.now() < end; done += 1)
    cases.forEach((measure, index) => {
      found[index].push(measure());
    });
  return found;
}

function eventOf(content) {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }];
  const event = {
    id: 'chatcmpl-BenchBenchBench',
    object: 'chat.completion.chunk',
    model: 'gpt-4o-mini',
    choices,
  };
  return `data: ${JSON.stringify(event)}\n\n`;
}

const EVENT = eventOf(' and the boats wait until the water comes back to the harbour in the evening').padEnd(
  250,
);
const ERRORS = eventOf('error "error": {"error"} error: an error '.repeat(3));
const LINE = `${JSON.stringify({ model: 'llama', message: { role: 'assistant', content: 'tide '.repeat(34) }, done: false })}\n`;
const END = Buffer.from('data: [DONE]\n\n');

function bytes(length, fill) {
  return Buffer.from(fill.repeat(Math.ceil(length / fill.length)).slice(0, length));
}

/** Each body as chunks, of which one is repeated, then an end. */
const SCANNED = {
  '250-byte chunks, one event each': { first: [], chunk: Buffer.from(EVENT), times: 40_000, end: END },
  'a stream full of the word "error"': { first: [], chunk: Buffer.from(ERRORS), times: 30_000, end: END },
  '1-byte chunks': {
    first: [Buffer.from('data: {"a":"')],
    chunk: Buffer.from('x'),
    times: 500_000,
    end: END,
  },
  'a single line of 256 MB': {
    first: [Buffer.from('data: {"choices":[{"delta":{"content":"')],
    chunk: bytes(65_536, 'tides and boats '),
    times: 4_096,
    end: END,
  },
  'NDJSON, one line per chunk': {
    first: [],
    chunk: Buffer.from(LINE),
    times: 40_000,
    end: Buffer.from('{"done":true}\n'),
  },
};
const NEEDLE = Buffer.from('"error"');

function scanned() {
  const cases = Object.values(SCANNED);
  const read = ({ first, chunk, times, end }) =>
    micros(() => {
      const evidence = new BodyEvidence();
      for (const each of first) evidence.add(each);
      for (let i = 0; i < times; i += 1) evidence.add(chunk);
      evidence.add(end);
      evidence.end();
    });
  const search = ({ chunk, times }) =>
    micros(() => {
      for (let i = 0; i < times; i += 1) chunk.includes(NEEDLE);
    });
  const found = rounds(
    0.45,
    cases.flatMap((each) => [() => read(each), () => search(each)]),
  );
  return Object.keys(SCANNED).map((name, index) => {
    const { chunk, times } = cases[index];
    return {
      name,
      bytes: chunk.length * times,
      chunks: times,
      read: found[2 * index],
      search: found[2 * index + 1],
    };
  });
}

const CHARACTERS_A_ROUND = 300_000;

function redacted(bodies) {
  const redact = bodyRedactor();
  const found = rounds(
    0.45,
    bodies.map(({ text, contentType, json }) => {
      const calls = Math.ceil(CHARACTERS_A_ROUND / text.length);
      const repeat = (work) => () => {
        for (let call = 0; call < calls; call += 1) work();
      };
      return () => ({
        redact: micros(repeat(() => redact({ text, contentType, truncated: false }))) / calls,
        json: micros(repeat(() => json.map((value) => JSON.stringify(JSON.parse(value))))) / calls,
      });
    }),
  );
  return bodies.map(({ name, group, text }, index) => ({
    name,
    group,
    length: text.length,
    rounds: found[index],
  }));
}

const HEADERS = { 'x-request-id': 'req_0123456789abcdef', 'retry-after': '2', 'openai-processing-ms': '12' };
const FAILURE = {
  error: {
    message: 'Rate limit reached for gpt-test in organization org-0123 on tokens per min (TPM): Limit 30000.',
    type: 'tokens',
    param: null,
    code: 'rate_limit_exceeded',
  },
};
const ERRORS_BY_NAME = {
  'an SDK error (openai, 429)': () => OpenAI.APIError.generate(429, FAILURE, undefined, new Headers(HEADERS)),
  'a plain error': () => new Error('boom'),
  'a failed response': () => ({
    status: 429,
    headers: Object.entries(HEADERS),
    body: JSON.stringify(FAILURE),
  }),
  'a failed connection (three causes)': () =>
    new Error('Connection error.', {
      cause: new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
      }),
    }),
  'an abort': () => AbortSignal.abort().reason,
  'an attached classification': () => attachClassification(new Error('boom'), { kind: 'config' }),
};
const ERRORS_A_ROUND = 2_000;

function classified() {
  const found = rounds(
    0.1,
    Object.values(ERRORS_BY_NAME).map((make) => () => {
      const errors = Array.from({ length: ERRORS_A_ROUND }, make);
      return micros(() => errors.forEach((error) => void classifyError(error))) / ERRORS_A_ROUND;
    }),
  );
  return Object.keys(ERRORS_BY_NAME).map((name, index) => ({ name, micros: found[index] }));
}

const bodies = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify({ scanned: scanned(), redacted: redacted(bodies), classified: classified() }));
