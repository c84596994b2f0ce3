import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts a local replacement for OpenAI's chat completions that needs no key. The message `fail` fails. Returns its URL.
 */
export async function startScriptedProvider() {
  const server = createServer(async (request, response) => {
    const { model, messages, stream, tools } = JSON.parse(Buffer.concat(await request.toArray()));
    const last = messages.at(-1);
    const head = { id: 'chatcmpl-1', created: 1_764_000_000, model };
    const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
    if (stream !== true) {
      await sleep(1_000);
      const content = /three words/.test(messages[0].content) ? 'Rain in Lisbon' : 'It was about rain.';
      const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...head, object: 'chat.completion', choices, usage }));
      return;
    }
    if (last.content === 'fail') {
      response.writeHead(500, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
      response.end('{"error":{"message":"The server had an error","type":"server_error","code":null}}');
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    const send = (delta, finish = null) => {
      const choices = [{ index: 0, delta, finish_reason: finish }];
      response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices })}\n\n`);
    };
    if (tools !== undefined && last.role === 'user') {
      const call = { name: 'forecast', arguments: '{"city":"Lisbon"}' };
      send({ role: 'assistant', tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: call }] });
      send({}, 'tool_calls');
    } else {
      for (const content of ['Yes. ', 'Eleven ', 'millimetres.']) {
        send({ role: 'assistant', content });
        await sleep(50);
      }
      send({}, 'stop');
    }
    response.end('data: [DONE]\n\n');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}
