import { read } from './stream.mjs';

const model = 'us.amazon.nova-lite-v1:0';
const claude = 'anthropic.claude-sonnet-4-5-20250929-v1:0';
const bedrock = { package: '@aws-sdk/client-bedrock-runtime', provider: 'aws.bedrock', model };

const load = async (options = {}) => {
  const module = await import('@aws-sdk/client-bedrock-runtime');
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' };
  const client = new module.BedrockRuntimeClient({ region: 'us-east-1', credentials, ...options });
  const send = (command, input) => client.send(new module[command](input));
  return send;
};

const converse = (send) => {
  const input = (prompt) => ({ modelId: model, messages: [{ role: 'user', content: [{ text: prompt }] }] });
  return {
    generate: (prompt) => send('ConverseCommand', input(prompt)),
    stream: async (prompt) => {
      const { stream } = await send('ConverseStreamCommand', input(prompt));
      return read(stream, (event) => event.contentBlockDelta?.delta?.text);
    },
  };
};

const invoke = (send) => {
  const input = (prompt) => ({
    modelId: claude,
    contentType: 'application/json',
    body: JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [{ role: 'user', content: prompt }],
    }),
  });
  return {
    generate: async (prompt) =>
      Buffer.from((await send('InvokeModelCommand', input(prompt))).body).toString(),
    stream: async (prompt) => {
      const { body } = await send('InvokeModelWithResponseStreamCommand', input(prompt));
      return read(body, ({ chunk }) => chunk && JSON.parse(Buffer.from(chunk.bytes).toString()).delta?.text);
    },
  };
};

export const AWS = [
  {
    ...bedrock,
    over: 'node:http2',
    name: '`@aws-sdk/client-bedrock-runtime`: Converse',
    load: async () => converse(await load()),
  },
  {
    ...bedrock,
    over: 'node:http2',
    model: claude,
    name: '`@aws-sdk/client-bedrock-runtime`: InvokeModel',
    load: async () => invoke(await load()),
  },
  {
    ...bedrock,
    over: 'node:http',
    name: '`@aws-sdk/client-bedrock-runtime` with `NodeHttpHandler`',
    load: async () => {
      const { NodeHttpHandler } = await import('@smithy/node-http-handler');
      return converse(await load({ requestHandler: new NodeHttpHandler() }));
    },
  },
  {
    ...bedrock,
    over: 'fetch',
    name: '`@aws-sdk/client-bedrock-runtime` with `FetchHttpHandler`',
    load: async () => {
      const { FetchHttpHandler } = await import('@smithy/fetch-http-handler');
      return converse(await load({ requestHandler: new FetchHttpHandler() }));
    },
  },
];
