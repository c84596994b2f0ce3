import worker from './worker.mjs';

/** The Worker as an Edge Function. */
addEventListener('fetch', (event) => {
  event.respondWith(worker.fetch(event.request, process.env, event));
});
