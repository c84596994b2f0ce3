/**
 * What a request is made of, read off its body as it is, faults included: unlike `RequestFacts`, which leaves out
 * what is none. Of texts there are lengths here, never a character.
 */
export interface ShapedRequest {
  /** Parts of the system's instructions, where they stand apart. */
  readonly system: readonly ShapedPart[];
  /** A word for what is there, where it is no list. */
  readonly messages: readonly ShapedMessage[] | string;
  readonly tools: readonly ShapedTool[];
  /** It asks for JSON. */
  readonly isStructured: boolean;
}

export interface ShapedMessage {
  /** A word: its role, or the type of an item that has none. */
  readonly role: string;
  readonly parts: readonly ShapedPart[];
}

export interface ShapedPart {
  /** A word: its type. */
  readonly type: string;
  /** Characters of text or data in it. */
  readonly size?: number | undefined;
  /** A word: the name of the tool. */
  readonly name?: string | undefined;
  /** It calls a tool, or is what a tool gave back; `id` is the provider's, and `undefined` where it lacks. */
  readonly call?: { readonly is: 'call' | 'result'; readonly id: string | undefined } | undefined;
  /** What can be wrong with it, or is worth a word. */
  readonly flaws?: readonly string[] | undefined;
}

export interface ShapedTool {
  readonly name: string;
  readonly flaws: readonly string[];
}
