/** A client of a model as an application uses it. */
export interface SetUp {
  /** Unique: the row in docs/clients-tested.md. */
  readonly name: string;
  /** Whose version the row shows; `node` for what is part of Node.js. */
  readonly package: string;
  /** Through which of Node's clients it sends. */
  readonly over: 'fetch' | 'undici' | 'node:http' | 'node:http2';
  /** What is expected of each of its steps. */
  readonly provider: string;
  readonly model: string;
  /** Whether each call is made inside `withRun`. */
  readonly inRun?: true;
  /** Whether the API or the client has no streams. */
  readonly noStream?: true;
  /** Its streams do not say how many tokens they took. */
  readonly noStreamUsage?: true;
  /** Below the table. */
  readonly note?: string;
  load(): Promise<Client>;
}

export interface Client {
  generate(prompt: string): Promise<unknown>;
  /** Resolves with the text when the stream is read to its end. */
  stream?(prompt: string): Promise<unknown>;
}

export const SET_UPS: readonly SetUp[];
