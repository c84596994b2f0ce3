import type { Instrument, Level, Registry } from '../support/conventions/registry.js';

/** The parts of a registry in the pages of the conventions. */
export type Stated = Pick<Registry, 'attributes' | 'spans' | 'events' | 'metrics'>;

/** `<!-- semconv span.http.client -->`, or Weaver's query instead. */
const SECTION = /<!-- (?:semconv|weaver) (?<query>.+?) -->(?<body>[\s\S]*?)<!-- end(?:semconv|weaver) -->/g;
const QUERIED = /\.(?<kind>span|event|metric)s\[\] \| select\(\.(?:type|name|id) == "(?<name>[^"]+)"\)/;
const WELL_KNOWN =
  /^`(?<name>[^`]+)` has the following list of well-known values\.(?<table>[\s\S]*?)(?=^---|(?![\s\S]))/gm;
const BOUNDARIES = /ExplicitBucketBoundaries.*?(?:of\s+\[(?<list>[\d., ]+)\]|(?<none>no boundaries))/gs;
const LEVELS: Readonly<Record<string, Level>> = {
  Required: 'required',
  'Conditionally Required': 'conditionally required',
  Recommended: 'recommended',
  'Opt-In': 'opt-in',
};

/**
 * Adds the content of a page's tables that Weaver generates: those of `docs/registry/attributes`, and those of spans,
 * events and metrics. Deprecated attributes are left out.
 */
export function readPage(page: string, into: Stated): void {
  let end = 0;
  for (const { index, 0: whole, groups } of page.matchAll(SECTION)) {
    readSection(groups?.['query'] ?? '', groups?.['body'] ?? '', page.slice(end, index), into);
    end = index + whole.length;
  }
  readAttributes(page, into);
  for (const { groups } of page.matchAll(WELL_KNOWN)) {
    const attribute = into.attributes[groups?.['name'] ?? ''];
    const values = rows(groups?.['table'] ?? '', 'Value').map((row) => coded(row['Value']));
    if (attribute !== undefined) attribute.values = values;
  }
}

function readSection(query: string, body: string, before: string, into: Stated): void {
  const [metric] = rows(body, 'Name');
  const heading = before.match(/.*^#+ Metric: `(?<name>[^`]+)`/ms)?.groups?.['name'];
  const { kind, name } =
    query.match(QUERIED)?.groups ?? query.match(/(?<kind>\w+)\.(?<name>\S+)/)?.groups ?? {};
  const levels = Object.fromEntries(
    rows(body, 'Requirement Level').map((row) => [coded(row['Key']), levelOf(row['Requirement Level'])]),
  );
  if (metric !== undefined || query.startsWith('metric_attributes.')) {
    const stated = metric ? coded(metric['Name']) : heading;
    if (stated !== undefined) addMetric(stated, metric, levels, before, into);
  } else if (kind === 'span' && name !== undefined) {
    const [, spanKind = 'INTERNAL'] = body.match(/\*\*Span kind\*\*\s\w+ be `(\w+)`/) ?? [];
    into.spans[name] = { kind: spanKind, attributes: levels };
  } else if (kind === 'event' && name !== undefined) {
    into.events[name] = { attributes: levels };
  }
}

/** A provider's page adds attributes to a metric of another page. */
function addMetric(
  name: string,
  row: Row | undefined,
  levels: Record<string, Level>,
  before: string,
  into: Stated,
): void {
  const known = into.metrics[name];
  const boundaries = [...before.matchAll(BOUNDARIES)].at(-1)?.groups;
  into.metrics[name] = {
    instrument: known?.instrument ?? (row?.['Instrument Type'] as Instrument),
    unit: known?.unit ?? coded(row?.['Unit (UCUM)']),
    ...(known?.boundaries && { boundaries: known.boundaries }),
    ...(boundaries && { boundaries: boundaries['list']?.split(',').map(Number) ?? [] }),
    attributes: { ...levels, ...known?.attributes },
  };
}

function readAttributes(page: string, into: Stated): void {
  for (const row of rows(page, 'Value Type')) {
    if (/deprecated/i.test(row['Stability'] ?? '')) continue;
    into.attributes[coded(row['Key'])] ??= { type: row['Value Type'] ?? '' };
  }
}

type Row = Readonly<Record<string, string>>;

/** The rows of all tables with this column, by column name. */
function rows(text: string, column: string): Row[] {
  const found: Row[] = [];
  let columns: string[] | undefined;
  for (const line of text.split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1).map(plain) : undefined;
    if (cells === undefined) columns = undefined;
    else if (columns === undefined) columns = cells;
    else if (columns.includes(column) && !/^\|[ |:-]+$/.test(line))
      found.push(Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])));
  }
  return found;
}

/** Removes links and images: `[Requirement Level](https://…)`. */
function plain(cell: string): string {
  return cell.replace(/!?\[(.*?)\]\(.*?\)/g, '$1').trim();
}

function coded(cell = ''): string {
  return cell.match(/`([^`]+)`/)?.[1] ?? '';
}

function levelOf(cell = ''): Level {
  const level = LEVELS[coded(cell)];
  if (level === undefined) throw new Error(`no requirement level: ${cell}`);
  return level;
}
