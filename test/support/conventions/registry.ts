import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Level = 'required' | 'conditionally required' | 'recommended' | 'opt-in';
export type Instrument = 'Counter' | 'UpDownCounter' | 'Histogram' | 'Gauge';
export type Version = '1.41.0' | 'development';

export interface Attribute {
  /** The type in the conventions' notation: `string`, `int`, `double`, `boolean`, `string[]`, `any`. */
  type: string;
  /** Well-known values. Others are allowed if none of them applies. */
  values?: readonly string[];
}

export interface Levels {
  attributes: Readonly<Record<string, Level>>;
}

export interface Metric extends Levels {
  instrument: Instrument;
  unit: string;
  /** The boundaries of a histogram, if the conventions define them. */
  boundaries?: readonly number[];
}

/** One version of the semantic conventions, as far as this package writes its names. */
export interface Registry {
  version: string;
  /** The date and the sources of the generation. */
  generated: string;
  /** Manual changes since then, with the source of the new text. */
  amended?: readonly string[];
  sources: readonly { repository: string; ref: string; files: readonly string[] }[];
  /** By name. `<key>` at the end of a name is a wildcard. */
  attributes: Record<string, Attribute>;
  spans: Record<string, Levels & { kind: string }>;
  events: Record<string, Levels>;
  metrics: Record<string, Metric>;
}

export const FIXTURES = join(__dirname, '..', '..', 'fixtures', 'conventions');

const read = new Map<Version, Registry>();

/** A version with the additions of this package: `chatdebug.json` is written by hand. */
export function registryOf(version: Version): Registry {
  const known = read.get(version);
  if (known !== undefined) return known;
  const stated: Registry = fixture(version);
  const own: Pick<Registry, 'attributes' | 'events' | 'metrics'> = fixture('chatdebug');
  const registry = {
    ...stated,
    attributes: { ...stated.attributes, ...own.attributes },
    events: { ...stated.events, ...own.events },
    metrics: { ...stated.metrics, ...own.metrics },
  };
  read.set(version, registry);
  return registry;
}

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8'));
}
