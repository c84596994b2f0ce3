/**
 * Writes the content of a version of the semantic conventions into `test/fixtures/conventions/<version>.json`, from
 * checkouts of their repositories:
 *
 *     npx tsx test/conventions/generate.ts <version> <repository>@<ref>=<folder> …
 *
 * If two of them define the same attribute, the first one applies. Version 1.41.0 is in one repository:
 *
 *     … 1.41.0 open-telemetry/semantic-conventions@v1.41.0=../semantic-conventions
 *
 * The names under development have their own repository, the general ones do not:
 *
 *     … development open-telemetry/semantic-conventions-genai@main=../semantic-conventions-genai \
 *       open-telemetry/semantic-conventions@v1.44.0=../semantic-conventions
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, type Registry } from '../support/conventions/registry.js';
import { readPage, type Stated } from './markdown.js';

/** Pages with the names that this package writes. A provider's page extends the general ones before it. */
const PAGES = [
  'docs/gen-ai/client-inference.md',
  'docs/gen-ai/gen-ai-spans.md',
  'docs/gen-ai/gen-ai-agent-spans.md',
  'docs/gen-ai/gen-ai-metrics.md',
  'docs/gen-ai/gen-ai-token-metrics.md',
  'docs/gen-ai/openai.md',
  'docs/gen-ai/gen-ai-exceptions.md',
  'docs/http/http-spans.md',
  'docs/exceptions/exceptions-spans.md',
  'docs/otel/sdk-metrics.md',
  ...['error', 'exception', 'gen-ai', 'http', 'network', 'openai', 'otel', 'server', 'url', 'user'].map(
    (namespace) => `docs/registry/attributes/${namespace}.md`,
  ),
];
/** Other names on these pages that are used. */
const WRITTEN = {
  attributes: /^(error|exception|gen_ai|http|network|openai|otel|server|url|user)\./,
  spans:
    /^(gen_ai\.(client\.inference|inference\.client|invoke_\w+\.internal)|openai\..*inference.*|http\.client)$/,
  events: /^(gen_ai\.client\.operation\.)?exception$/,
  metrics: /^(gen_ai\.client|otel\.sdk\.(processor|exporter)\.(span|operation))\./,
};

function main([version, ...checkouts]: readonly string[]): void {
  if (version === undefined || checkouts.length === 0)
    throw new Error('usage: generate.ts <version> <repository>@<ref>=<folder> …');
  const stated: Stated = { attributes: {}, spans: {}, events: {}, metrics: {} };
  const sources = checkouts.map((checkout) => {
    const { repository, ref, folder } =
      checkout.match(/^(?<repository>[^@]+)@(?<ref>[^=]+)=(?<folder>.+)$/)?.groups ?? {};
    if (repository === undefined || ref === undefined || folder === undefined)
      throw new Error(`${checkout}: expected <repository>@<ref>=<folder>`);
    const files = PAGES.filter((page) => existsSync(join(folder, page)));
    for (const page of files) readPage(readFileSync(join(folder, page), 'utf8'), stated);
    return { repository, ref, files };
  });
  const registry: Registry = {
    version,
    generated: new Date().toISOString().slice(0, 10),
    sources,
    attributes: chosen(stated.attributes, WRITTEN.attributes),
    spans: chosen(stated.spans, WRITTEN.spans),
    events: chosen(stated.events, WRITTEN.events),
    metrics: chosen(stated.metrics, WRITTEN.metrics),
  };
  writeFileSync(join(FIXTURES, `${version}.json`), `${JSON.stringify(registry, undefined, 2)}\n`);
}

/** Sorted by name, so that the diff of a new version shows what has changed. */
function chosen<T>(all: Readonly<Record<string, T>>, names: RegExp): Record<string, T> {
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => names.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

main(process.argv.slice(2));
