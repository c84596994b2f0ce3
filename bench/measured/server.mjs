/**
 * A chat server under load: each request makes a model call. Reports the longest blocks of its event loop before and
 * after the first call that fails. Run by bench/first-failure.ts.
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setUp } from './set-up.mjs';

const { variant, ...settings } = JSON.parse(process.argv[2]);
const { cache } = createRequire(import.meta.url);

const recorder = await setUp(variant);
const { callOf } = await import('./calls.mjs');
const work = { kind: 'json', chunks: 0 };
const calls = {
  '/ok': callOf({ ...work, path: 'json' }, settings, recorder),
  '/fail': callOf({ ...work, path: settings.failure }, settings, recorder),
};

/** The longest blocks since the last reset. */
const delay = monitorEventLoopDelay({ resolution: 1 });
let longestGap = 0;
let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  longestGap = Math.max(longestGap, now - lastTick);
  lastTick = now;
}, 1);

function take() {
  const taken = { delayMillis: delay.max / 1e6, timerMillis: longestGap, modules: Object.keys(cache).length };
  delay.reset();
  longestGap = 0;
  return taken;
}

const server = createServer((request, response) => {
  recorder.around(calls[request.url]).then(
    () => response.end('fine'),
    () => response.writeHead(502).end('failed'),
  );
});
server.listen(0, '127.0.0.1');

const ANSWERS = {
  url: () => `http://127.0.0.1:${server.address().port}`,
  start: () => void delay.enable(),
  take,
};
const send = ({ ask }) => process.send({ answer: ANSWERS[ask]() ?? null });
process.on('message', (question) => {
  if (server.listening) send(question);
  else server.once('listening', () => send(question));
});
process.once('disconnect', () => process.exit());
