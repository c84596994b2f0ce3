/** Replacements in a text, made from its beginning to its end. What is not replaced stays byte for byte. */
export class Edits {
  #result = '';
  #copied = 0;
  #edited = false;

  constructor(private readonly text: string) {}

  /** `from` lies at or behind the end of the replacement before it. */
  replace(from: number, to: number, replacement: string): void {
    this.#result += this.text.slice(this.#copied, from) + replacement;
    this.#copied = to;
    this.#edited = true;
  }

  /** The text with its replacements: the same string where there were none. */
  applied(): string {
    return this.#edited ? this.#result + this.text.slice(this.#copied) : this.text;
  }
}
