import { type Finding, ok, type Surroundings, warn } from './check.js';
import { readPackageFile, resolvePackage } from './package-file.js';
import { isBelow } from './version-number.js';

/** Clients of models, with the first version that uses `fetch`; before it they use `node:http`. */
const CLIENTS: Readonly<Record<string, string>> = {
  openai: '5.0.0',
  '@anthropic-ai/sdk': '0.40.0',
  '@google/genai': '0.0.0',
  ai: '0.0.0',
};

/** Which clients the application has, and of which bodies are out of reach. */
export function checkClients({ folder }: Surroundings): Finding {
  const found = Object.entries(CLIENTS).flatMap(([name, first]) => {
    const where = resolvePackage(name, folder);
    const { version = '0.0.0' } = (where && readPackageFile(where)) || {};
    return where === undefined ? [] : [{ client: `${name} ${version}`, usesFetch: !isBelow(version, first) }];
  });
  const list = found.map(({ client }) => client).join(', ');
  const older = found.filter(({ usesFetch }) => !usesFetch).map(({ client }) => client);
  if (older.length === 0) return ok(list === '' ? 'none of those that are known; fetch will do' : list);
  return warn(
    list,
    `Of ${older.join(' and ')} only metadata are recorded, no bodies: they use node:http. Give them fetch: globalThis.fetch, or a newer version.`,
  );
}
