import { type PlantedBody, Planter, type Random, randomFrom } from '../planted.js';
import { SHAPES } from '../planted-shapes.js';
import { padded } from './padded.js';
import type { Tried } from './tried.js';

const KINDS: Readonly<Record<string, string>> = {
  'application/json': 'JSON',
  'application/x-ndjson': 'NDJSON',
  'text/event-stream': 'SSE',
  'application/x-www-form-urlencoded': 'form',
  'multipart/form-data': 'multipart',
  'text/plain': 'text',
};
const ON_ONE_LINE = Object.keys(SHAPES).filter((shape) => shape !== 'PEM');

/** Plants the secrets of one exchange, determined by its seed, and counts the places. */
export class Planting {
  readonly random: Random;
  readonly #planter: Planter;
  #counted = 0;

  constructor(
    readonly seed: number,
    private readonly tried: Tried,
  ) {
    this.random = randomFrom(seed);
    this.#planter = new Planter(this.random);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  /** A few words around a secret that is recognised by its shape. */
  text(place: string): string {
    return this.#count(place, this.#planter.secretText());
  }

  /** The same without a line break. */
  line(place: string): string {
    return this.#count(place, this.#planter.secretText(ON_ONE_LINE));
  }

  /** A secret that is recognised by its name only. */
  secret(place: string): string {
    return this.#count(place, this.#planter.secret());
  }

  json(place: string): string {
    return this.#count(place, this.#planter.json().text);
  }

  /** A text in which one of these bounds, in characters, is inside a secret. */
  across(place: string, bounds: readonly number[]): string {
    const text = this.text(place);
    const secrets = this.#planter.planted.slice(-1);
    return padded({ text, contentType: 'text/plain', secrets }, this.pick(bounds), this.random).text;
  }

  /** Any body. With `bound`, the bound is inside a secret if possible. */
  body(side: string, bound: number | undefined): PlantedBody {
    const from = this.#planter.planted.length;
    const body = this.#planter.any();
    const secrets = this.#planter.planted.slice(from);
    const place = `${side}: ${KINDS[body.contentType.replace(/;.*/, '')]}`;
    this.#count(place, body.text);
    for (const { core, shape, place: within } of secrets) {
      if (within === 'name') this.tried.add(`${side}: in a name`, shape);
      if (within === 'nested') this.tried.add(`${side}: JSON in a string`, shape);
      if (!body.text.toLowerCase().includes(core.toLowerCase())) this.tried.add(`${side}: escaped`, shape);
    }
    if (bound === undefined) return { ...body, secrets };
    const { text, across } = padded({ ...body, secrets }, bound, this.random);
    if (across !== undefined) this.tried.add(`${side}: across the bound`, across.shape);
    return { ...body, text, secrets };
  }

  /** The text in pieces. If it has secrets, half of the cuts are inside one. */
  pieces({ text, secrets }: PlantedBody, side: string): string[] {
    const cuts = new Set<number>();
    for (let cut = Math.floor(this.random() * 6); cut > 0; cut--) {
      const secret = this.chance(0.5) ? this.pick(secrets) : undefined;
      const at = secret === undefined ? -1 : text.indexOf(secret.core);
      if (secret === undefined || at < 0) {
        cuts.add(Math.floor(this.random() * text.length));
        continue;
      }
      cuts.add(at + 1 + Math.floor(this.random() * (secret.core.length - 1)));
      this.tried.add(`${side}: across chunks`, secret.shape);
    }
    const ends = [...cuts, text.length].sort((a, b) => a - b);
    return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end)).filter((piece) => piece !== '');
  }

  #count(place: string, text: string): string {
    for (const { shape } of this.#planter.planted.slice(this.#counted)) this.tried.add(place, shape);
    this.#counted = this.#planter.planted.length;
    return text;
  }
}
