import { caseOfRun } from '../../../src/case/from-run.js';
import { keptRuns } from '../../../src/case/kept-run.js';
import { spansOfFile } from '../../../src/cli/kept-runs.js';
import { spansInSpool } from '../../../src/delivery/span-json.js';
import { decodeTraces } from '../../support/otlp-json.js';
import { leaks } from '../planted.js';

/** Part of a planted secret that was not redacted. */
export interface Leak {
  readonly runId: unknown;
  /** The attribute, or another member of the span. */
  readonly where: string;
  readonly text: string;
}

/** Searches the bytes of an OTLP request, as they are and as the decoded texts of its JSON. */
export function leaksIn(body: Buffer): Leak[] {
  const raw = body.toString();
  if (!leaks(raw) && !leaksAnywhere(JSON.parse(raw))) return [];
  const found = decodeTraces(raw).flatMap((span) => {
    const parts = {
      ...span.attributes,
      name: span.name,
      status: span.status,
      resource: span.resource,
      links: span.links,
    };
    const events = span.events.map(({ name, attributes }) => [`event ${name}`, attributes] as const);
    return [...Object.entries(parts), ...events]
      .filter(([, value]) => leaksAnywhere(value))
      .map(([where, value]) => ({ runId: span.attributes['chatdebug.run.id'], where, text: shown(value) }));
  });
  return found.length > 0 ? found : [{ runId: undefined, where: 'the body', text: shown(raw) }];
}

/** Searches the cases made of the runs in these OTLP requests, with and without their content. */
export function leaksInCases(bodies: readonly Buffer[]): Leak[] {
  const runs = keptRuns(bodies.flatMap((body) => spansOfFile(String(body), 'traces.json')));
  return runs
    .filter(({ steps }) => steps.some(({ attempts }) => attempts.length > 0))
    .flatMap((run) => [caseOfRun(run), caseOfRun(run, { noContent: true })])
    .filter((made) => leaks(JSON.stringify(made)) || leaksAnywhere(made))
    .map((made) => ({ runId: made.id, where: 'the case', text: shown(made) }));
}

/** Searches the files of a spool, as they are and as the decoded texts of their JSON. */
export function leaksInSpool(file: Buffer): Leak[] {
  const spans = [...spansInSpool(file)].map((json) => JSON.parse(json));
  if (!leaks(file.toString()) && !spans.some(leaksAnywhere)) return [];
  return [{ runId: undefined, where: 'the spool', text: shown(file.toString()) }];
}

/** In a text of a value, or the name of a member. */
function leaksAnywhere(value: unknown): boolean {
  if (typeof value === 'string') return leaks(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => leaks(name) || leaksAnywhere(member));
}

const SHOWN = 2_000;

/** The text around the first leak. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length < SHOWN ? text : text.slice(Math.max(0, text.search(/qz/i) - SHOWN / 2)).slice(0, SHOWN);
}
