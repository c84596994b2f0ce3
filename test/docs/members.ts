/** A member of an interface, read from its docstring. */
export interface Member {
  /** The nearest line comment above it. */
  readonly heading: string;
  readonly name: string;
  /** The docstring without the two sentences below. */
  readonly text: string;
  /** From "Variable: `…`." */
  readonly variable: string | undefined;
  /** From "Default: …." at the end, unchanged. */
  readonly byDefault: string | undefined;
}

/** The members of an interface in a TypeScript source, in its order. */
export function membersOf(source: string, name: string): readonly Member[] {
  const [, rest = ''] = source.split(new RegExp(`^export interface ${name}\\b.*\\{\\n`, 'm'));
  const [body = ''] = rest.split('\n}\n');
  const lines = body.matchAll(/^ {2}\/\/ ([^\n]+)$|(?:^ {2}\/\*\*(.*?)\*\/\n)? {2}readonly (\w+)\??:/gms);
  let heading = '';
  const members: Member[] = [];
  for (const [, comment, docstring = '', member] of lines) {
    heading = comment ?? heading;
    if (member !== undefined) members.push({ heading, name: member, ...read(docstring) });
  }
  return members;
}

function read(docstring: string): Omit<Member, 'heading' | 'name'> {
  const words = docstring.replaceAll(/\s+\*?\s*/g, ' ').trim();
  const [, text = words, byDefault] = /^(.*?)(?: ?Default: (.*)\.)?$/.exec(words) ?? [];
  const variable = /Variable: `(\w+)`\./.exec(text)?.[1];
  return { text: text.replace(/ ?Variable: `\w+`\./, ''), variable, byDefault };
}
