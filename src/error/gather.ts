import { attachedBelow } from './attach.js';
import type { Evidence } from './evidence.js';
import { Findings } from './findings.js';
import { isObject } from './read.js';
import { follow } from './read-exception.js';

/** A chain this long has said what it has to say; one without an end must end somewhere. */
const MAX_NODES = 48;

/**
 * Collects what an error, its causes, its response and its body say, outermost first, each object once.
 * Takes any value; never throws; looks at no more than 64 KiB of text and 48 objects.
 */
export function gatherEvidence(error: unknown): Evidence {
  const findings = new Findings();
  follow(error, findings);
  let taken = 0;
  for (let next = findings.next(); next !== undefined && taken < MAX_NODES; next = findings.next()) {
    taken += 1;
    try {
      next.reader(next.node, findings);
    } catch {
      // A Proxy that throws where a getter cannot: what was read of it before stands.
    }
  }
  if (findings.attached === undefined && taken === MAX_NODES && isObject(error)) {
    findings.attached = attachedBelow(error);
  }
  return findings.settle();
}
