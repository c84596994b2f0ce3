/** The last event of a stream of Responses is one of these, and has the whole response. */
export const TERMINAL_TYPES: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

/** Data of events that begin with this member, with and without the spaces that a field and JSON may have. */
export function dataSigns(member: string, value: string): string[] {
  return ['data: ', 'data:'].flatMap((field) => [
    `${field}{"${member}":${value}`,
    `${field}{"${member}": ${value}`,
  ]);
}

export function eventSigns(name: string): string[] {
  return [`\nevent: ${name}`, `\nevent:${name}`];
}
