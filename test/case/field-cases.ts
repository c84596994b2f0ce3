import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FieldCase, parseCase } from '../../src/case/format.js';
import { differencesOf, differencesText, recordReplay } from '../../src/replay/check.js';
import { REPOSITORY } from '../support/child.js';

/** Prints the result of the replay check of each field case, one per line. */
async function main(): Promise<void> {
  const cases: readonly FieldCase[] = JSON.parse(
    readFileSync(join(REPOSITORY, 'test/fixtures/field-cases.json'), 'utf8'),
  );
  for (const one of cases) {
    const read = parseCase(JSON.stringify(one), one.id);
    const differences = differencesOf(read.expect, await recordReplay(read, 0));
    console.log(JSON.stringify([one.id, differences.length === 0 ? '' : differencesText(differences)]));
  }
}

void main();
