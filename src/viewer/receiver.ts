import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { readJson } from './otlp-json.js';
import { readProtobuf } from './otlp-protobuf.js';
import { type DecodedRequest, MalformedError } from './otlp-span.js';
import type { ViewerStore } from './store.js';
import { StoreError } from './store-file.js';

export interface ReceiverResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Limit of one request, before and after decompression. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Limit of all requests in progress. */
const MAX_BYTES_IN_PROGRESS = 4 * MAX_BODY_BYTES;

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';

const DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };

/** Codes of `google.rpc.Status`, the error format of OTLP. */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** An OTLP/HTTP receiver. Stores traces. Accepts and drops logs and metrics. */
export class OtlpReceiver {
  #bytes = 0;
  /** Decodes one body at a time to limit memory. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param onProblem called when spans could not be stored */
  constructor(
    private readonly store: ViewerStore,
    private readonly onProblem: (message: string) => void,
  ) {}

  /** @param path `/v1/traces`, `/v1/logs` or `/v1/metrics` */
  async answer(request: IncomingMessage, path: string): Promise<ReceiverResponse> {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    const contentType = type === PROTOBUF_TYPE ? type : JSON_TYPE;
    try {
      if (type !== JSON_TYPE && type !== PROTOBUF_TYPE)
        throw new Refusal(
          415,
          INVALID_ARGUMENT,
          `Invalid content-type: expected ${JSON_TYPE} or ${PROTOBUF_TYPE}`,
        );
      const read = await this.#received(request, path === '/v1/traces', contentType);
      return { status: 200, contentType, body: successBody(contentType, read?.rejected ?? 0) };
    } catch (error) {
      const { status, code, message } = this.#refusalOf(error);
      const body = errorBody(contentType, code, message);
      return { status, contentType, body, ...(status === 503 && { headers: { 'retry-after': '5' } }) };
    }
  }

  async idle(): Promise<void> {
    await this.#turn;
  }

  async #received(
    request: IncomingMessage,
    isStored: boolean,
    contentType: string,
  ): Promise<DecodedRequest | undefined> {
    const chunks: Buffer[] = [];
    let length = 0;
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > MAX_BODY_BYTES) throw tooLarge();
    try {
      for await (const chunk of request) {
        length += chunk.length;
        this.#bytes += chunk.length;
        if (length > MAX_BODY_BYTES) throw tooLarge();
        if (this.#bytes > MAX_BYTES_IN_PROGRESS)
          throw new Refusal(503, UNAVAILABLE, 'too many requests at once');
        if (isStored) chunks.push(chunk);
      }
      if (!isStored) return undefined;
      return await this.#inTurn(() => this.#store(chunks, request.headers['content-encoding'], contentType));
    } finally {
      this.#bytes -= length;
    }
  }

  async #store(chunks: Buffer[], encoding: string | undefined, contentType: string): Promise<DecodedRequest> {
    const body = await decompressed(Buffer.concat(chunks.splice(0)), encoding);
    const read = contentType === PROTOBUF_TYPE ? readProtobuf(body) : readJson(body.toString());
    this.store.add(read.batches, Date.now());
    return read;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof MalformedError) return new Refusal(400, INVALID_ARGUMENT, error.message);
    if (!(error instanceof StoreError)) throw error;
    this.onProblem(error.message);
    // The exporter retries. There may be space by then.
    return new Refusal(503, UNAVAILABLE, error.message);
  }
}

async function decompressed(body: Buffer, encoding = 'identity'): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  if (!Object.hasOwn(DECODERS, name))
    throw new Refusal(
      415,
      INVALID_ARGUMENT,
      `Invalid content-encoding: expected ${Object.keys(DECODERS).join(', ')}`,
    );
  try {
    return await DECODERS[name as keyof typeof DECODERS](body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new MalformedError(`the body is not ${name}`, { cause: error });
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, RESOURCE_EXHAUSTED, `The body exceeds ${MAX_BODY_BYTES} bytes`);
}

const REJECTED = 'spans need a trace id, a span id and a start time';

/** An `ExportTraceServiceResponse`. The responses for logs and metrics have the same format. */
function successBody(contentType: string, rejected: number): string | Uint8Array {
  if (contentType === JSON_TYPE)
    return JSON.stringify(
      rejected === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejected), errorMessage: REJECTED } },
    );
  if (rejected === 0) return new Uint8Array();
  return field(1, Buffer.concat([Buffer.from([1 << 3]), varint(rejected), field(2, Buffer.from(REJECTED))]));
}

/** `google.rpc.Status` */
function errorBody(contentType: string, code: number, message: string): string | Uint8Array {
  if (contentType === JSON_TYPE) return JSON.stringify({ code, message });
  return Buffer.concat([Buffer.from([1 << 3]), varint(code), field(2, Buffer.from(message))]);
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
