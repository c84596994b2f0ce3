/**
 * Opens streaming calls, reads some chunks, and reports the memory they hold. Run by
 * bench/in-flight.ts with --expose-gc.
 */
import { inspect } from 'node:util';
import { setUp } from './set-up.mjs';

const { variant, provider, chunks } = JSON.parse(process.argv[2]);
const AT_ONCE = 50;
const REQUEST = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: 'gpt-4o-mini',
    stream: true,
    messages: [{ role: 'user', content: 'Tides?' }],
  }),
};

const recorder = await setUp(variant);

/** @returns a reader that has read all available chunks, before the end */
async function open(path) {
  const response = await fetch(`${provider}/${path}/v1/chat/completions`, REQUEST);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  for (let seen = 0; seen < chunks; ) {
    const { value, done } = await reader.read();
    if (done) throw new Error('the stream has ended');
    seen += decoder.decode(value).split('data: ').length - 1;
  }
  return reader;
}

async function openAll(calls) {
  const readers = [];
  while (readers.length < calls) {
    const length = Math.min(AT_ONCE, calls - readers.length);
    readers.push(
      ...(await Promise.all(Array.from({ length }, () => recorder.around(() => open(`held/${chunks}`))))),
    );
  }
  return readers;
}

async function used() {
  for (let i = 0; i < 3; i += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

async function measure({ calls }) {
  // Excludes sockets, parsers and compiled code of the first calls.
  for (const reader of await openAll(20)) await reader.cancel();
  const before = await used();
  const readers = await openAll(calls);
  const after = await used();
  return {
    heapBytes: (after.heap - before.heap) / readers.length,
    externalBytes: (after.external - before.external) / readers.length,
  };
}

process.once('message', (question) => {
  measure(question).then(
    (answer) => process.send({ answer }),
    (error) => process.send({ error: inspect(error) }),
  );
});
process.once('disconnect', () => process.exit());
