/**
 * `npm run api`: writes the public declarations of each entry to `etc/`, so that changes are visible in a diff. With
 * `--check` it compares them instead, and fails if they differ. Reads the built declarations.
 */
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const declarationsOf = (path) => join(ROOT, 'dist', 'types', `${path}.d.ts`);

/** `register` declares nothing. */
const ENTRIES = {
  index: declarationsOf('index'),
  'ai-sdk': declarationsOf('ai-sdk/index'),
  query: declarationsOf('query/index'),
  'debug-tab': declarationsOf('debug-tab/index'),
};

const isCheck = process.argv.includes('--check');
const files = Object.values(ENTRIES);
const configs = Object.entries(ENTRIES).map(([name, file]) => configOf(name, file));
const compilerState = CompilerState.create(configs[0], { additionalEntryPoints: files });
for (const config of configs) {
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    compilerState,
    localBuild: !isCheck,
    messageCallback: (message) => {
      message.handled ||= message.logLevel !== 'error';
    },
  });
  const isStale = isCheck && apiReportChanged;
  if (isStale)
    console.error(`${relative(ROOT, config.reportFilePath)} is not what the package declares: npm run api`);
  if (isStale || errorCount > 0) process.exitCode = 1;
}

function configOf(name, file) {
  const silent = { default: { logLevel: 'none' } };
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(ROOT, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: file,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            module: 'nodenext',
            target: 'es2023',
            lib: ['es2023'],
            types: ['node'],
            strict: true,
          },
          files,
        },
      },
      apiReport: {
        enabled: true,
        // A type that an exported type refers to is public too, even if it cannot be imported.
        includeForgottenExports: true,
        reportFileName: `${name}.api.md`,
        reportFolder: join(ROOT, 'etc'),
        reportTempFolder: join(ROOT, '.cache', 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
  });
}
