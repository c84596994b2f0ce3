import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the names, versions and licences of the packages whose code is in the bundle. */
export function thirdPartyNotices() {
  return {
    name: 'third-party-notices',
    generateBundle(_, files) {
      const modules = Object.values(files).flatMap(({ moduleIds = [] }) => moduleIds);
      const folders = new Set(modules.flatMap((id) => packageFolder(id) ?? []));
      const notices = new Set([...folders].map(notice));
      const source = [...notices].sort().join('\n');
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source });
    },
  };
}

function packageFolder(file) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((one) => /^licen[cs]e(\.md|\.txt)?$/i.test(one));
  if (file === undefined) throw new Error(`${name} has no licence that could be published with it`);
  return `${name} ${version}, ${license}\n\n${readFileSync(join(folder, file), 'utf8')}\n`;
}
