import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Spread, spreadOf } from './figures.js';
import type { Bench } from './schedule.js';

/** Reading the body of a response for the verdict. */
export interface ScanRow {
  readonly name: string;
  readonly microsPerChunk: Spread;
  readonly megabytesPerSecond: Spread;
  /** Searches each chunk for a needle: the minimum cost of reading the bytes. */
  readonly searchMicrosPerChunk: Spread;
}

/** Redaction of a body, compared with `JSON.parse` and `JSON.stringify` of the values in it. */
export interface RedactRow {
  readonly name: string;
  readonly group: 'ordinary' | 'bad';
  readonly redactMicros: Spread;
  readonly jsonMicros: Spread;
  readonly ratio: Spread;
}

/** One call of `classifyError`. */
export interface ClassifyRow {
  readonly name: string;
  readonly micros: Spread;
}

export interface PartsFigures {
  readonly scanned: readonly ScanRow[];
  readonly redacted: readonly RedactRow[];
  readonly classified: readonly ClassifyRow[];
}

/** The output of bench/measured/parts.mjs, in microseconds. */
interface Measured {
  readonly scanned: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly chunks: number;
    readonly read: readonly number[];
    readonly search: readonly number[];
  }[];
  readonly redacted: readonly {
    readonly name: string;
    readonly group: RedactRow['group'];
    readonly rounds: readonly { readonly redact: number; readonly json: number }[];
  }[];
  readonly classified: readonly { readonly name: string; readonly micros: readonly number[] }[];
}

const ROOT = join(__dirname, '..');
/** Below node_modules, so that the compiled sources find their dependencies. */
const COMPILED = join(ROOT, 'node_modules', '.cache', 'chatdebug-bench');
const MIN_SECONDS = 3;

export async function partsFigures({ node, progress, deadline }: Bench): Promise<PartsFigures> {
  progress.show('parts');
  compile();
  const seconds = Math.max(MIN_SECONDS, (deadline - performance.now()) / 1_000);
  const measured = await run(node, seconds);
  progress.clear();
  return {
    scanned: measured.scanned.map(({ name, bytes, chunks, read, search }) => ({
      name,
      microsPerChunk: spreadOf(read.map((micros) => micros / chunks)),
      megabytesPerSecond: spreadOf(read.map((micros) => bytes / micros)),
      searchMicrosPerChunk: spreadOf(search.map((micros) => micros / chunks)),
    })),
    redacted: measured.redacted.map(({ name, group, rounds }) => ({
      name,
      group,
      redactMicros: spreadOf(rounds.map(({ redact }) => redact)),
      jsonMicros: spreadOf(rounds.map(({ json }) => json)),
      ratio: spreadOf(rounds.map(({ redact, json }) => redact / json)),
    })),
    classified: measured.classified.map(({ name, micros }) => ({ name, micros: spreadOf(micros) })),
  };
}

/** Module by module: a bundled build has no file for a part. */
function compile(): void {
  const options = ['--declaration', '--declarationMap', '--sourceMap', '--noEmit', '--emitDeclarationOnly'];
  mkdirSync(COMPILED, { recursive: true });
  writeFileSync(join(COMPILED, 'package.json'), '{ "type": "commonjs" }\n');
  execFileSync(
    join(ROOT, 'node_modules', '.bin', 'tsc'),
    ['-p', 'src', '--outDir', COMPILED, ...options.flatMap((option) => [option, 'false'])],
    { cwd: ROOT, stdio: ['ignore', 2, 2] },
  );
}

function run(node: string, seconds: number): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      node,
      [join(__dirname, 'measured', 'parts.mjs'), COMPILED, String(seconds)],
      { maxBuffer: 2 ** 26 },
      (error, stdout) => (error === null ? resolve(JSON.parse(stdout) as Measured) : reject(error)),
    );
    child.stdin?.end(JSON.stringify(redactBodies()));
  });
}

const PROSE =
  'The museum opens at nine on weekdays, and at ten on Sundays; the last tour (in English, French and “Deutsch”) starts at 16:30. ' +
  "Please don't forget your tickets: they were 12.50 each, weren't they? ";
const CODE = `const total = items.filter((item) => item.kind === "book").map(({ price }) => price * 1.07);
if (total >= limit && !user.isAdmin) {\n\tthrow new RangeError(\`limit = \${limit}, total = \${total}\`); // see https://example.com/a?b=c&d=e
}\n<a href="/shop?page=2&amp;sort=price" data-id='x-1'>Next</a>\n`;
const ARGUMENTS = JSON.stringify({
  city: 'Paris',
  days: 3,
  units: 'metric',
  notes: ['indoor', 'no queue-jumping'],
});
const SECRET = 'my password=hunter2 it is';

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  prose: [PROSE],
  code: [CODE],
  mixed: [PROSE, CODE, PROSE.repeat(2)],
};

/** A body to redact, and the JSON values in it. */
interface RedactBody {
  readonly name: string;
  readonly group: 'ordinary' | 'bad';
  readonly text: string;
  readonly contentType: string;
  readonly json: readonly string[];
}

/** Typical bodies, and the most expensive ones. */
function redactBodies(): readonly RedactBody[] {
  const ordinary = Object.keys(TEXTS).flatMap((kind) =>
    [1_000, 10_000, 100_000, 1_000_000].map((length) =>
      jsonBody('ordinary', `${kind}, ${length / 1_000} KB`, chatBody(kind, length)),
    ),
  );
  const oneSecret = chatBody('mixed', 10_000).replace(JSON.stringify(PROSE), JSON.stringify(SECRET));
  return [
    ...ordinary,
    jsonBody('ordinary', 'one secret, 10 KB', oneSecret),
    jsonBody('bad', 'a secret in every string, 100 KB', messages(Array<string>(2_000).fill(SECRET))),
    jsonBody('bad', String.raw`\u escapes, 100 KB`, escaped(messages([' 今日は晴れです'.repeat(2_000)]))),
    streamBody('bad', 'a stream of short chunks, 100 KB'),
  ];
}

function jsonBody(group: RedactBody['group'], name: string, text: string): RedactBody {
  return { group, name, text, contentType: 'application/json', json: [text] };
}

function streamBody(group: RedactBody['group'], name: string): RedactBody {
  const words = PROSE.split(' ');
  const json = Array.from({ length: 500 }, (_, index) =>
    JSON.stringify({
      id: 'chatcmpl-BenchBenchBench',
      object: 'chat.completion.chunk',
      model: 'gpt-4o-mini',
      choices: [
        {
          index: 0,
          delta: { content: ` ${words[index % words.length]}` },
          logprobs: null,
          finish_reason: null,
        },
      ],
    }),
  );
  const text = json.map((value) => `data: ${value}\n\n`).join('');
  return { group, name, text, contentType: 'text/event-stream', json };
}

/** The JSON of a chat request of about so many characters: short messages, tool calls among them. */
function chatBody(kind: string, length: number): string {
  const texts = TEXTS[kind] ?? [];
  const turns: object[] = [];
  for (let size = 0, turn = 0; size < length - 300; turn++) {
    const message = messageOf(turn, texts[turn % texts.length] ?? '');
    size += JSON.stringify(message).length + 1;
    turns.push(message);
  }
  return JSON.stringify({
    model: 'gpt-4o-mini',
    temperature: 0.7,
    max_completion_tokens: 1024,
    messages: turns,
  });
}

function messageOf(turn: number, text: string): object {
  if (turn % 4 === 1) {
    const call = {
      id: `call_${turn}`,
      type: 'function',
      function: { name: 'forecast', arguments: ARGUMENTS },
    };
    return { role: 'assistant', content: null, tool_calls: [call] };
  }
  return turn % 4 === 3
    ? { role: 'assistant', content: text.repeat(3) }
    : { role: 'user', content: [{ type: 'text', text }] };
}

function messages(texts: readonly string[]): string {
  return JSON.stringify({
    model: 'gpt-4o-mini',
    messages: texts.map((content) => ({ role: 'user', content })),
  });
}

/** The same JSON with every character outside of ASCII as an escape. */
function escaped(json: string): string {
  return json.replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
