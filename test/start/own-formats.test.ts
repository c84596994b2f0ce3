import { ChatDebugConfigError, type OwnFormat, startChatDebug } from '../../src/index.js';

const GOOD: OwnFormat = { name: 'acme', match: () => true };
const NAME = 'a name of letters, digits, "-", "_" and ".", other than those of the known formats';

test.each<[message: string, formats: readonly object[]]>([
  [`Invalid option formats[0].name undefined: expected ${NAME}`, [{ match: () => true }]],
  [`Invalid option formats[1].name "": expected ${NAME}`, [GOOD, { ...GOOD, name: '' }]],
  [`Invalid option formats[0].name "openai-chat": expected ${NAME}`, [{ ...GOOD, name: 'openai-chat' }]],
  [`Invalid option formats[0].name "a b": expected ${NAME}`, [{ ...GOOD, name: 'a b' }]],
  ['Invalid option formats[1].name "acme": expected a unique name', [GOOD, GOOD]],
  ['Invalid option formats[0].match undefined: expected a function', [{ name: 'acme' }]],
  ['Invalid option formats[0].match "/v1": expected a function', [{ ...GOOD, match: '/v1' }]],
  [
    'Invalid option formats[0].like "openai": expected openai-chat, openai-responses, ',
    [{ ...GOOD, like: 'openai' }],
  ],
  ['Invalid option formats[0].request true: expected a function', [{ ...GOOD, request: true }]],
  ['Invalid option formats[0].response [Object]: expected a function', [{ ...GOOD, response: {} }]],
  ['Invalid option formats[0].streamEvent 1: expected a function', [{ ...GOOD, streamEvent: 1 }]],
  [
    'Invalid option formats[0].streamChunk [Function]: expected one of the members name, match, ',
    [{ ...GOOD, streamChunk: () => {} }],
  ],
])('%s', (message, formats) => {
  const start = () => startChatDebug({ formats: formats as never });
  expect(start).toThrow(ChatDebugConfigError);
  expect(start).toThrow(message);
});

test('a format may be a class instance of the application, whose functions use its fields', async () => {
  class Acme {
    readonly name = 'acme';
    readonly #path = '/generate';
    match = ({ pathname }: { pathname: string }) => pathname === this.#path;
    request() {
      return { model: this.name };
    }
  }
  await startChatDebug({ formats: [new Acme()] }).shutdown();
});
