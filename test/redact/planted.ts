import { SHAPES } from './planted-shapes.js';

/** 0 ≤ x < 1. */
export type Random = () => number;

interface Written {
  readonly text: string;
  readonly contentType: string;
}

export interface PlantedBody extends Written {
  readonly secrets: readonly Planted[];
}

/**
 * The beginning of every planted secret, after the beginning of its shape. No other planted text contains it.
 * So if this is absent, no secret and no beginning of one is left.
 */
const MARK = 'Qz';

const ALNUM = 'ABCDEFGHIJKLMNOPRSTUVWXYabcdefghijklmnoprstuvwxy0123456789';
const WORDS = (
  'the weather in Paris is sunny, 世界 and 🙂 “mild”; x = f(y) => {"a": [1]} \\n \\" C:\\dir\ttab <b>bold</b> a&b=c ' +
  'max_tokens=5 https://example.com/a?b=c#d tokens training key: value é'
).split(' ');
const PLAIN_KEYS = [
  'role',
  'content',
  'max_tokens',
  'text',
  'logit_bias',
  'next_page_token',
  'a.b',
  'größe',
  '',
  'id',
];
const SECRET_KEYS = [
  'password',
  'api_key',
  'apiKey',
  'X-API-Key',
  'client_secret',
  'Authorization',
  'token',
  'ssn',
];

type BodyKind = 'json' | 'ndjson' | 'sse' | 'form' | 'multipart' | 'text';

const BODY_KINDS: readonly BodyKind[] = [
  'json',
  'json',
  'json',
  'ndjson',
  'sse',
  'form',
  'multipart',
  'text',
];

const SHAPE_NAMES = Object.keys(SHAPES);

/** The name, for a secret that is recognised by its name. */
const BY_NAME = 'by its name';

export interface Planted {
  /** The secret itself, which may have been written in upper case or with escapes. */
  readonly core: string;
  /** One of `SHAPES`, or `by its name`. */
  readonly shape: string;
  /** In the name of a member; in JSON that is a string of the body; anywhere else. */
  readonly place: 'name' | 'nested' | 'value';
}

/** Makes bodies with secrets planted in every place, or without any if `secrets` is false. */
export class Planter {
  readonly #planted: Planted[] = [];
  #place: Planted['place'] = 'value';

  constructor(
    private readonly random: Random,
    private readonly secrets = true,
  ) {}

  /** The secrets planted so far. */
  get planted(): readonly Planted[] {
    return this.#planted;
  }

  json(): Written {
    return { text: this.#write(this.#object(0)), contentType: 'application/json' };
  }

  ndjson(): Written {
    const lines = this.#list(3, () => this.#write(this.#object(1), ''));
    return { text: lines.join('\n'), contentType: 'application/x-ndjson' };
  }

  sse(): Written {
    const end = this.#pick(['\n', '\r\n', '\r']);
    const events = this.#list(4, () => {
      const data = this.#either(
        () => this.#write(this.#object(1), this.#pick(['', '', '\n'])),
        () => this.#pick([`Note ${this.#text()}`, '[DONE]']),
      );
      const lines = data.split(/\r\n|[\r\n]/).map((line) => `data:${this.#pick([' ', ''])}${line}`);
      return [...this.#pick([[], ['event: delta'], [`: ${this.#words()}`]]), ...lines, '', ''].join(end);
    });
    return { text: events.join(''), contentType: 'text/event-stream' };
  }

  form(): Written {
    const fields = this.#list(4, () => {
      const secret = this.secrets && this.random() < 0.4;
      const name = this.#pick(secret ? SECRET_KEYS : PLAIN_KEYS);
      const value = secret
        ? this.#core(BY_NAME)
        : this.#either(
            () => this.#text(),
            () => this.#write(this.#object(2)),
          );
      return [name, value] as const;
    });
    return {
      text: fields.map((field) => field.map(encodeURIComponent).join('=')).join('&'),
      contentType: 'application/x-www-form-urlencoded',
    };
  }

  multipart(): Written {
    const parts = this.#list(3, () => {
      const secret = this.secrets && this.random() < 0.4;
      const name = this.#pick(secret ? SECRET_KEYS : ['file', 'purpose', 'meta']);
      const [type, content] = this.#either(
        () => ['', secret ? this.#core(BY_NAME) : this.#text()],
        () => ['\r\nContent-Type: application/json', this.#write(this.#object(2))],
      );
      return `--bound\r\nContent-Disposition: form-data; name="${name}"${type}\r\n\r\n${content}\r\n`;
    });
    return { text: `${parts.join('')}--bound--\r\n`, contentType: 'multipart/form-data; boundary=bound' };
  }

  text(): Written {
    return { text: `Failed: ${this.#text()}`, contentType: 'text/plain' };
  }

  any(): PlantedBody {
    const body = this[this.#pick(BODY_KINDS)]();
    return { ...body, secrets: this.#planted };
  }

  /** A text with at least one secret, of one of these shapes. */
  secretText(shapes: readonly string[] = SHAPE_NAMES): string {
    return [this.#words(), this.#shape(shapes), this.#words()].join(' ');
  }

  /** A secret alone, which is recognised by the text around it. */
  secret(): string {
    return this.#core(BY_NAME);
  }

  #object(depth: number): unknown {
    const members = this.#list(4, () => {
      const secret = this.secrets && this.random() < 0.3;
      const key = secret
        ? this.#pick(SECRET_KEYS)
        : this.random() < 0.03
          ? this.#in('name', () => this.#text())
          : this.#pick(PLAIN_KEYS);
      return [key, secret ? this.#secret(depth) : this.#value(depth)] as const;
    });
    return new Members(members);
  }

  #value(depth: number): unknown {
    const kind = depth > 3 ? 0 : Math.floor(this.random() * 8);
    if (kind === 1) return this.#object(depth + 1);
    if (kind === 2) return this.#list(3, () => this.#value(depth + 1));
    if (kind === 3)
      return new Source(this.#pick(['12345678901234567890', '-0.10e+5', '1.0', 'true', 'null']));
    if (kind === 4) return this.#in('nested', () => this.#write(this.#object(depth + 1)));
    return this.#text();
  }

  #secret(depth: number): unknown {
    const core = this.#core(BY_NAME);
    const kind = Math.floor(this.random() * 4);
    if (kind === 0) return { value: [core], nested: this.#value(depth + 2) };
    if (kind === 1) return [core, { a: core }];
    return this.#pick([core, `${core}"\\}`, ` ${core} ${core}`]);
  }

  #text(): string {
    const parts = this.#list(3, () => this.#words());
    if (this.secrets && this.random() < 0.4) parts.push(this.#shape(SHAPE_NAMES), this.#words());
    return parts.join(' ');
  }

  #words(): string {
    return this.#list(5, () => this.#pick(WORDS)).join(' ');
  }

  #shape(shapes: readonly string[]): string {
    const shape = this.#pick(shapes);
    return SHAPES[shape]?.(this.#core(shape)) ?? '';
  }

  #core(shape: string): string {
    const core = MARK + Array.from({ length: 14 }, () => ALNUM.charAt(this.random() * ALNUM.length)).join('');
    this.#planted.push({ core, shape, place: this.#place });
    return core;
  }

  /** Records that the secrets planted by `plant` are in this place, unless they are in another one. */
  #in<T>(place: Planted['place'], plant: () => T): T {
    const outer = this.#place;
    if (outer === 'value') this.#place = place;
    try {
      return plant();
    } finally {
      this.#place = outer;
    }
  }

  /** JSON with white space and escapes wherever they are allowed. */
  #write(value: unknown, space = this.#pick(['', '', ' ', '\n'])): string {
    if (value instanceof Source) return value.text;
    if (typeof value === 'string') return this.#quote(value);
    const list = Array.isArray(value);
    const members = value instanceof Members ? value.members : Object.entries(Object(value));
    const written = list
      ? value.map((each) => this.#write(each, space))
      : members.map(([key, each]) => `${this.#quote(key)}${space}:${space}${this.#write(each, space)}`);
    return (list ? '[' : '{') + space + written.join(`,${space}`) + space + (list ? ']' : '}');
  }

  #quote(text: string): string {
    const often = this.#pick([0, 0, 0.1, 1]);
    const quoted = JSON.stringify(text);
    if (often === 0) return quoted;
    const escaped = quoted
      .slice(1, -1)
      .replace(/\\.|[^\\]/gu, (character) =>
        character.length === 1 && this.random() < often ? `\\u${hex(character)}` : character,
      );
    return `"${escaped}"`;
  }

  #list<T>(max: number, make: () => T): T[] {
    return Array.from({ length: 1 + Math.floor(this.random() * max) }, make);
  }

  #either<T>(one: () => T, other: () => T): T {
    return this.random() < 0.6 ? one() : other();
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}

/** An object that may have several members of the same name. */
class Members {
  constructor(readonly members: readonly (readonly [string, unknown])[]) {}
}

class Source {
  constructor(readonly text: string) {}
}

const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');

/** Returns whether a text contains part of a planted secret, escaped or not. */
export function leaks(text: string): boolean {
  if (!text.includes('\\u') && !text.includes('%')) return /qz/i.test(text);
  const unescaped = text.replace(/\\+u([0-9a-f]{4})|%([0-9a-f]{2})/gi, (_, unit, byte) =>
    String.fromCharCode(Number.parseInt(unit ?? byte, 16)),
  );
  return (
    /qz/i.test(text) || /qz/i.test(unescaped) || /qz/i.test(unescaped.replace(/\\+u([0-9a-f]{4})/gi, unit))
  );
}

const unit = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));

/** Random numbers from a seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
