import { readHeaders } from '../attempt/raw-headers.js';
import { BodyFingerprint } from '../wire/body-fingerprint.js';
import type { CallProof, RecognisedCall } from '../wire/format.js';
import { MemberScan } from '../wire/json/member-scan.js';

/** Whose headers are read, each time anew: subscribers add theirs until they are sent. */
interface WithHeaders {
  readonly headers: unknown;
}

/** What is still to prove that a request is the call; `undefined` if its line or its headers do. */
export function missingEvidence({ proof }: RecognisedCall, request: WithHeaders): CallEvidence | undefined {
  if (proof === undefined || provenByHeaders(proof, request)) return undefined;
  return new CallEvidence(proof, request);
}

function provenByHeaders(proof: CallProof, { headers }: WithHeaders): boolean {
  const list = readHeaders(headers);
  for (let i = 0; i + 1 < list.length; i += 2) {
    if (proof.header(list[i] ?? '', list[i + 1] ?? '')) return true;
  }
  return false;
}

/** The fingerprint of a body, and the members at its top level. */
class ScannedBody extends BodyFingerprint {
  readonly members = new MemberScan();

  override add(chunk: Uint8Array | string): void {
    super.add(chunk);
    this.members.add(chunk);
  }
}

/** Collects what proves that a request is a model call, while the request is being sent. */
export class CallEvidence {
  readonly body = new ScannedBody();

  constructor(
    private readonly proof: CallProof,
    private readonly request: WithHeaders,
  ) {}

  get isProven(): boolean {
    return this.proof.body(this.body.members.kindOf) || provenByHeaders(this.proof, this.request);
  }

  /** Nothing more can prove it: its body says that it is another request, and its headers have been sent before. */
  get isRefuted(): boolean {
    return this.body.members.isOver && !this.isProven;
  }
}
