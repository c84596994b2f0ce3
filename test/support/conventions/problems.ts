import {
  type Attribute,
  type Level,
  type Levels,
  type Registry,
  registryOf,
  type Version,
} from './registry.js';

/** The instrumentation scope of this package. */
const SCOPE = 'opentelemetry-instrumentation-chatdebug';
/** Namespaces that are reserved and not for attributes of an application. */
const STATED = /^(chatdebug|error|exception|gen_ai|http|network|openai|otel|server|url|user)\./;
const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
/** Their values come from providers and applications, so other values than the well-known ones are valid. */
const OPEN = new Set([
  'error.type',
  'gen_ai.provider.name',
  'openai.request.service_tier',
  'otel.component.type',
]);

export interface Scope {
  readonly name: string;
  readonly schemaUrl?: string | undefined;
}

type Attributes = Readonly<Record<string, unknown>>;

/** As it was received. */
export interface Span {
  readonly name: string;
  readonly kind: number;
  readonly scope: Scope;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  /** As in the protocol: 2 is ERROR. */
  readonly status: { readonly code: number };
}

/** As it was received. */
export interface LogRecord {
  readonly eventName: string;
  readonly scope: Scope;
  readonly attributes: Attributes;
}

/** As it was received or collected. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly instrument: string;
  readonly scope: Scope;
  readonly points: readonly { readonly attributes: Attributes; readonly boundaries?: readonly number[] }[];
}

/** How a span of this package differs from the version of the conventions that its scope names. */
export function spanProblems(span: Span): string[] {
  if (span.scope.name !== SCOPE) return [];
  const registry = registryOf(versionOf(span.scope));
  const type = spanType(span, registry);
  const stated = type === undefined ? undefined : registry.spans[type];
  const kind = SPAN_KINDS[span.kind] ?? '';
  return [
    ...(stated && stated.kind !== kind ? [`is ${kind}, and ${type} is ${stated.kind}`] : []),
    ...attributeProblems(span.attributes, registry),
    ...missing(span.attributes, stated),
    ...(stated ? conditionallyMissing(span) : []),
    ...span.events.flatMap(({ name, attributes }) =>
      eventProblems(name, attributes, registry).map((problem) => `event ${name}: ${problem}`),
    ),
  ].map((problem) => `span "${span.name}" (${registry.version}): ${problem}`);
}

/** The same for a log record, which is an event. */
export function logProblems({ eventName, attributes, scope }: LogRecord): string[] {
  if (scope.name !== SCOPE) return [];
  const registry = registryOf(versionOf(scope));
  return eventProblems(eventName, attributes, registry).map(
    (problem) => `log record ${eventName} (${registry.version}): ${problem}`,
  );
}

function eventProblems(name: string, attributes: Attributes, registry: Registry): string[] {
  const stated = registry.events[name];
  return [
    ...(stated === undefined ? ['is not in the registry'] : []),
    ...attributeProblems(attributes, registry),
    ...missing(attributes, stated),
  ];
}

/** The same for a metric, which has only the listed attributes. */
export function metricProblems(metric: Metric): string[] {
  if (metric.scope.name !== SCOPE) return [];
  const registry = registryOf(versionOf(metric.scope));
  const stated = registry.metrics[metric.name];
  const problems =
    stated === undefined
      ? ['is not in the registry']
      : [
          ...differs('instrument', metric.instrument, stated.instrument),
          ...differs('unit', metric.unit, stated.unit),
          ...metric.points.flatMap(({ attributes, boundaries }) => [
            ...(stated.boundaries ? differs('boundaries', `${boundaries}`, `${stated.boundaries}`) : []),
            ...attributeProblems(attributes, registry),
            ...missing(attributes, stated),
            ...Object.keys(attributes)
              .filter((name) => attributes[name] !== undefined && !(name in stated.attributes))
              .map((name) => `${name} is not among its attributes`),
          ]),
        ];
  return [...new Set(problems)].map((problem) => `metric ${metric.name} (${registry.version}): ${problem}`);
}

/** A version in development has no schema URL. */
function versionOf({ schemaUrl }: Scope): Version {
  if (schemaUrl === undefined || schemaUrl === '') return 'development';
  const version = schemaUrl.split('/').at(-1);
  if (version !== '1.41.0') throw new Error(`${schemaUrl}: no registry of that version`);
  return version;
}

/** `undefined` for a span without a type in the conventions. */
function spanType({ kind, attributes }: Span, { spans }: Registry): string | undefined {
  const operation = attributes['gen_ai.operation.name'];
  if (operation === 'invoke_workflow') return 'gen_ai.invoke_workflow.internal';
  if (operation === 'invoke_agent') return 'gen_ai.invoke_agent.internal';
  if (operation === undefined && 'http.request.method' in attributes) return 'http.client';
  if (operation === undefined && SPAN_KINDS[kind] === 'INTERNAL') return undefined;
  return ['gen_ai.client.inference', 'gen_ai.inference.client'].find((name) => name in spans);
}

function attributeProblems(attributes: Attributes, { attributes: stated }: Registry): string[] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    if (value === undefined || !STATED.test(name)) return [];
    const attribute = stated[name] ?? stated[name.replace(/[^.]+$/, '<key>')];
    return attribute === undefined
      ? [`${name} is not in the registry`]
      : valueProblems(name, value, attribute);
  });
}

function valueProblems(name: string, value: unknown, { type, values }: Attribute): string[] {
  if (!isOf(type, value)) return [`${name} is no ${type}: ${JSON.stringify(value)}`];
  if (values === undefined || OPEN.has(name) || values.includes(String(value))) return [];
  return [`${name} is none of ${values.join(', ')}: ${value}`];
}

function isOf(type: string, value: unknown): boolean {
  if (type.endsWith('[]'))
    return Array.isArray(value) && value.every((item) => isOf(type.slice(0, -2), item));
  if (type === 'int') return Number.isInteger(value);
  if (type === 'double') return typeof value === 'number';
  // Structured values are JSON on a span.
  return typeof value === (type === 'any' ? 'string' : type);
}

function missing(attributes: Attributes, stated: Levels | undefined): string[] {
  return Object.entries<Level>(stated?.attributes ?? {})
    .filter(([name, level]) => level === 'required' && attributes[name] === undefined)
    .map(([name]) => `${name} is missing`);
}

/** The two conditions that depend on the span alone. */
function conditionallyMissing({ attributes, status }: Span): string[] {
  return [
    ...(status.code === 2 && !('error.type' in attributes) ? ['is an error without error.type'] : []),
    ...('server.address' in attributes && !('server.port' in attributes)
      ? ['has server.address without server.port']
      : []),
  ];
}

function differs(what: string, found: string, stated: string): string[] {
  return found === stated ? [] : [`${what} ${found} instead of ${stated}`];
}
