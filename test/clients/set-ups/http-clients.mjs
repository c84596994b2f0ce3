import { user } from './stream.mjs';

const model = 'gpt-4o-mini';
const URL = 'https://api.openai.com/v1/chat/completions';
const headers = { authorization: 'Bearer none', 'content-type': 'application/json' };
const json = (prompt, stream) => ({
  model,
  messages: user(prompt),
  ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
});
const text = (prompt, stream) => JSON.stringify(json(prompt, stream));

/** A general HTTP client: `send` resolves with the whole text of a response, streamed or not. */
const httpClient = (name, packageName, over, load) => ({
  name,
  package: packageName,
  over,
  provider: 'openai',
  model,
  load: async () => {
    const send = await load();
    return { generate: (prompt) => send(prompt, false), stream: (prompt) => send(prompt, true) };
  },
});

async function readAll(stream) {
  let all = '';
  for await (const chunk of stream) all += Buffer.from(chunk).toString();
  return all;
}

function checked(status, body) {
  if (status >= 400) throw new Error(`status ${status}: ${body}`);
  return body;
}

const superagent = (name, retries) =>
  httpClient(name, 'superagent', 'node:http', async () => {
    const { default: superagent } = await import('superagent');
    const parse = (response, done) => {
      readAll(response).then((all) => done(null, all), done);
    };
    return async (prompt, stream) => {
      const request = superagent.post(URL).set(headers).retry(retries).send(json(prompt, stream));
      if (!stream) return (await request).text;
      return (await request.buffer(true).parse(parse)).body;
    };
  });

const ky = (name, methods) =>
  httpClient(name, 'ky', 'fetch', async () => {
    const { default: ky } = await import('ky');
    const retry = { methods, limit: 2 };
    return async (prompt, stream) => {
      const response = await ky.post(URL, { headers, json: json(prompt, stream), retry });
      return stream ? readAll(response.body) : response.text();
    };
  });

const insideRun = (setUp) => ({ ...setUp, name: `${setUp.name} inside \`withRun\``, inRun: true });
const SILENT = 'outside `withRun` its requests contain nothing that identifies the attempts of one call';

export const HTTP_CLIENTS = [
  httpClient('`fetch`', 'node', 'fetch', async () => async (prompt, stream) => {
    const response = await fetch(URL, { method: 'POST', headers, body: text(prompt, stream) });
    return checked(response.status, stream ? await readAll(response.body) : await response.text());
  }),
  httpClient('`node:https`', 'node', 'node:http', async () => {
    const { request } = await import('node:https');
    return (prompt, stream) =>
      new Promise((resolve, reject) => {
        const sent = request(URL, { method: 'POST', headers }, (response) => {
          readAll(response)
            .then((all) => resolve(checked(response.statusCode, all)))
            .catch(reject);
        });
        sent.on('error', reject).end(text(prompt, stream));
      });
  }),
  httpClient('`undici` by `request`', 'undici', 'undici', async () => {
    const { request } = await import('undici');
    return async (prompt, stream) => {
      const { statusCode, body } = await request(URL, {
        method: 'POST',
        headers,
        body: text(prompt, stream),
      });
      return checked(statusCode, await readAll(body));
    };
  }),
  httpClient('`axios`', 'axios', 'node:http', async () => {
    const { default: axios } = await import('axios');
    return async (prompt, stream) => {
      const responseType = stream ? 'stream' : 'json';
      const { data } = await axios.post(URL, json(prompt, stream), { headers, responseType });
      return stream ? readAll(data) : data;
    };
  }),
  httpClient('`axios` with `axios-retry`', 'axios-retry', 'node:http', async () => {
    const { default: axios } = await import('axios');
    const { default: axiosRetry, exponentialDelay } = await import('axios-retry');
    const client = axios.create();
    const retryCondition = ({ response }) => response?.status === 429 || response?.status >= 500;
    axiosRetry(client, { retries: 2, retryDelay: exponentialDelay, retryCondition });
    return async (prompt, stream) => {
      const responseType = stream ? 'stream' : 'json';
      const { data } = await client.post(URL, json(prompt, stream), { headers, responseType });
      return stream ? readAll(data) : data;
    };
  }),
  httpClient('`got`', 'got', 'node:http', async () => {
    const { got } = await import('got');
    const retry = { methods: ['POST'], limit: 2 };
    return (prompt, stream) => {
      const options = { method: 'POST', headers, json: json(prompt, stream), retry };
      return stream ? readAll(got.stream(URL, options)) : got(URL, options).text();
    };
  }),
  httpClient('`node-fetch`', 'node-fetch', 'node:http', async () => {
    const { default: nodeFetch } = await import('node-fetch');
    return async (prompt, stream) => {
      const response = await nodeFetch(URL, { method: 'POST', headers, body: text(prompt, stream) });
      return checked(response.status, stream ? await readAll(response.body) : await response.text());
    };
  }),
  superagent('`superagent`', 0),
  { ...superagent('`superagent` with `.retry(2)`', 2), note: SILENT },
  ky('`ky`', ['get']),
  { ...ky('`ky` that retries `POST`', ['post']), note: SILENT },
  insideRun(ky('`ky` that retries `POST`', ['post'])),
];
