/**
 * Everything that an application can see of each exchange with the provider, by a `fetch`. Each ends in another way.
 * Texts are compared, since chunk boundaries may differ.
 *
 * @param {typeof fetch} itsFetch
 * @param {string} origin of the provider
 */
export async function exchanges(itsFetch, origin) {
  const at = (path) => `${origin}${path}/v1/chat/completions`;
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
  const headers = { 'content-type': 'application/json' };
  const post = (path, init) => itsFetch(at(path), { method: 'POST', headers, body, ...init });
  const seen = {};
  for (const [name, exchange] of Object.entries({
    json: async () => (await post('/json')).json(),
    members: async () => {
      const response = await post('/json');
      const { status, statusText, ok, url, redirected, type, bodyUsed, headers } = response;
      await response.text();
      return [status, statusText, ok, url, redirected, type, bodyUsed, headers.getSetCookie()];
    },
    clone: async () => {
      const response = await post('/json');
      const copy = response.clone();
      return [
        copy.url,
        await copy.text(),
        await response.text(),
        response.bodyUsed,
        response instanceof Response,
      ];
    },
    twice: async () => {
      const response = await post('/json');
      return [await response.text(), await response.text()];
    },
    'no JSON': async () => (await post('/stream')).json(),
    stream: async () => read(await post('/stream')),
    iteration: async () => {
      let text = '';
      for await (const chunk of (await post('/stream')).body) text += new TextDecoder().decode(chunk);
      return text;
    },
    bytes: async () => (await post('/json', { body: new TextEncoder().encode(body) })).text(),
    blob: async () => (await post('/json', { body: new Blob([body]) })).text(),
    request: async () => (await itsFetch(new Request(at('/json'), { method: 'POST', headers, body }))).text(),
    gzip: async () => (await post('/gzip')).json(),
    'no content': async () => {
      const { status, body } = await post('/none');
      return [status, body];
    },
    redirect: async () => {
      const response = await post('/redirect');
      return [response.url, response.redirected, response.status, await response.json()];
    },
    refused: async () => (await post('/error')).status,
    cut: async () => read(await post('/cut')),
    'no server': async () => itsFetch('http://127.0.0.1:1/v1/chat/completions', { method: 'POST', body }),
    'no URL': async () => itsFetch('no URL'),
    'aborted before': async () => post('/json', { signal: AbortSignal.abort(new Error('left')) }),
    'aborted in front of the response': async () => {
      const own = new AbortController();
      setTimeout(() => own.abort(new Error('left')), 20);
      return post('/hang', { signal: own.signal });
    },
    'aborted in the body': async () => {
      const own = new AbortController();
      const response = await post('/half', { signal: own.signal });
      const reader = response.body.getReader();
      await reader.read();
      own.abort(new Error('left'));
      return reader.read();
    },
    deadline: async () => (await post('/half', { signal: AbortSignal.timeout(50) })).text(),
    cancelled: async () => {
      const reader = (await post('/half')).body.getReader();
      await reader.read();
      return reader.cancel('enough');
    },
  })) {
    try {
      seen[name] = { value: (await exchange()) ?? null };
    } catch (error) {
      seen[name] = { error: [error?.name, error?.message, error?.code] };
    }
  }
  return seen;
}

async function read(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    text += decoder.decode(piece.value);
  return text;
}
