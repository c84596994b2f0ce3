import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/child.js';
import { COLLECTOR } from './programs/built.js';

const GATEWAY = readdirSync(join(REPOSITORY, 'examples/collector'))
  .filter((name) => /^gateway-.*\.yaml$/.test(name))
  .map((name) => `examples/collector/${name}`);

test.each(['collector-config.yaml', ...GATEWAY])('the Collector accepts %s without warnings', (config) => {
  const { status, stdout, stderr } = spawnSync(COLLECTOR.binary, ['validate', '--config', config], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
