// The two routes of a Debug tab: whether to show it for a chat, and its runs, read from Jaeger or Tempo:
//   JAEGER=http://localhost:16686 SERVICE=my-chat node examples/collector/debug-tab.mjs
//   TEMPO=http://localhost:3200 node examples/collector/debug-tab.mjs
import { createServer } from 'node:http';
import { jaegerRuns, KeptRunsError, tempoRuns } from 'opentelemetry-instrumentation-chatdebug/query';

const { JAEGER, SERVICE = 'my-chat', TEMPO = 'http://localhost:3200', PORT = '8080' } = process.env;
const runs = JAEGER ? jaegerRuns({ endpoint: JAEGER, service: SERVICE }) : tempoRuns({ endpoint: TEMPO });

// Call once when the chat is opened and once when a turn ends, not on a timer. An application must check here whether
// the user may see the chat, before it queries the runs.
const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const [, chatId, what] = /^\/chats\/([^/]+)\/debug(\/runs)?$/.exec(pathname) ?? [];
  if (!chatId) return answer(response, 404, { error: 'GET /chats/ID/debug or /chats/ID/debug/runs' });
  try {
    const id = decodeURIComponent(chatId);
    answer(response, 200, what ? { runs: await runs.list(id, { limit: 50 }) } : { show: await runs.has(id) });
  } catch (error) {
    if (!(error instanceof KeptRunsError || error instanceof URIError)) throw error;
    // The chat must work without its Debug tab.
    console.error(error.message);
    answer(response, 503, { error: 'Debug runs are currently unavailable.' });
  }
});

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/chats/ID/debug`),
);
