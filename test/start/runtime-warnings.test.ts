import { runtimeWarnings } from '../../src/runtime-warnings.js';

test.each([
  { versions: { node: '26.3.0', bun: '1.4.5' }, says: ['the fetch of Bun 1.4.5'] },
  { versions: { node: '26.3.0', deno: '2.9.6' }, says: ['the fetch of Deno 2.9.6'] },
  { versions: { node: '26.10.0', undici: '8.12.4' }, says: [] },
  { versions: { node: '26.10.0' }, says: [] }, // A distribution's Node with an undici of its own.
])('of $versions it is said: $says', ({ versions, says }) => {
  expect(runtimeWarnings(versions).map((warning) => warning.split(" can't be")[0])).toEqual(says);
});
