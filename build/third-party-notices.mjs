import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes the names, versions and licences of the packages of which code is in the bundle. */
export function thirdPartyNotices() {
  return {
    name: 'third-party-notices',
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const { moduleIds = [], modules = {} } of Object.values(bundle))
        for (const id of moduleIds.length > 0 ? moduleIds : Object.keys(modules))
          if (id.includes('node_modules')) folders.add(packageFolder(id));
      const notices = [...folders].map(notice);
      this.emitFile({
        type: 'asset',
        fileName: 'THIRD-PARTY-NOTICES.txt',
        source: [...new Set(notices)].sort().join('\n'),
      });
    },
  };
}

function packageFolder(id) {
  let folder = dirname(id);
  while (
    !existsSync(join(folder, 'package.json')) ||
    JSON.parse(readFileSync(join(folder, 'package.json'))).version === undefined
  )
    folder = dirname(folder);
  return folder;
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = existsSync(join(folder, 'LICENSE')) ? readFileSync(join(folder, 'LICENSE'), 'utf8') : '';
  return `${name} ${version}, ${license}\n\n${text}\n`;
}
