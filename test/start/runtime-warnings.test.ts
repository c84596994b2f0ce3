import { readConfig } from '../../src/config/config.js';
import { runtimeWarnings } from '../../src/runtime-warnings.js';

const NONE: string[] = [];
const BEDROCK = '@aws-sdk/client-bedrock-runtime';

test.each([
  { versions: { node: '26.3.0', bun: '1.4.5' }, installed: NONE, says: ['The fetch of Bun 1.4.5'] },
  { versions: { node: '26.3.0', deno: '2.9.6' }, installed: NONE, says: ['The fetch of Deno 2.9.6'] },
  { versions: { node: '26.10.0', undici: '8.12.4' }, installed: [BEDROCK], says: [] },
  { versions: { node: '26.10.0' }, installed: NONE, says: [] }, // A distribution's Node with its own undici.
  { versions: { node: '20.20.2' }, installed: NONE, says: [] },
  { versions: { node: '20.20.2' }, installed: [BEDROCK], says: [`${BEDROCK} uses node:http2`] },
])('for $versions with $installed it warns: $says', ({ versions, installed, says }) => {
  const warnings = runtimeWarnings(versions, { isInstalled: (name) => installed.includes(name) });
  expect(warnings.map((warning) => warning.split(/ is not observable|, which/)[0])).toEqual(says);
});

test("the warning for Bedrock's client on Node 20 has the remedy", () => {
  const [warning] = runtimeWarnings({ node: '20.20.2' }, { isInstalled: () => true });
  expect(warning).toMatch(/NodeHttpHandler.*use Node 22/);
});

test('packages that are not installed cause no warning', () => {
  expect(runtimeWarnings({ node: '20.20.2' })).toEqual([]);
});

test('in Cloudflare Workers it warns that fetch is not observed, unless it is a recorded one', () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  const navigator = { userAgent: 'Cloudflare-Workers' };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  try {
    expect(runtimeWarnings({ node: '22.19.0' })).toEqual([
      expect.stringMatching(/^The fetch of Cloudflare Workers is not observable\. .*recordedFetch/),
    ]);
    expect(runtimeWarnings({ node: '22.19.0' }, { recordsFetch: true })).toEqual([]);
    expect(() => readConfig({}, {})).toThrow(
      /^Invalid option pipeline "own": expected app in Cloudflare Workers/,
    );
    expect(readConfig({ pipeline: 'app' }, {}).pipeline).toBe('app');
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
    if (before !== undefined) Object.defineProperty(globalThis, 'navigator', before);
  }
});
