import { version } from '../package.json';
import { VERSION } from '../src/version.js';

test('spans carry the version of the package', () => {
  expect(VERSION).toBe(version);
});
