import type { Place } from '../repeated-json.js';

/** How the texts of a body that has many are redacted; `cut`: the body was cut in this one. */
export interface PartRules {
  /**
   * `undefined` where the text is no JSON, nor, where it is cut, the beginning of it.
   *
   * @param at where in the body it stands; `undefined` where it stands there in another way
   */
  redactJson(text: string, cut: boolean, at: number | undefined): string | undefined;
  redactString(text: string, cut: boolean): string;
  /** Whether a string of JSON, as it is written, is surely no secret and holds none. */
  isHarmless(place: Place, text: string): boolean;
  /** Whether a form's field of this name holds a secret. */
  isSecretField(name: string): boolean;
}
