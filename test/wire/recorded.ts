import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamFacts, WireFormat } from '../../src/wire/format.js';
import { SseReader } from '../../src/wire/stream/framings.js';

/** A recorded response or request of a provider, as text. */
export function recorded(name: string): string {
  return readFileSync(join(__dirname, '../fixtures/wire', name), 'utf8');
}

export function recordedJson(name: string): unknown {
  return JSON.parse(recorded(name));
}

export type StreamedEvent = readonly [event: string | undefined, data: string];

export function eventsOf(stream: string): readonly StreamedEvent[] {
  const events: StreamedEvent[] = [];
  const reader = new SseReader((event, data) => events.push([event, data]));
  reader.add(Buffer.from(stream));
  reader.end();
  return events;
}

export function factsOf(format: WireFormat, events: readonly StreamedEvent[]): StreamFacts {
  const reader = format.openStream();
  for (const [event, data] of events) reader.event(event, data);
  return reader.facts();
}
