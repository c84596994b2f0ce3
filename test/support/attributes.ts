interface Attributed {
  attributes: Record<string, unknown>;
}

export function text({ attributes }: Attributed, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === 'string' ? value : undefined;
}

export function number({ attributes }: Attributed, name: string): number | undefined {
  const value = attributes[name];
  return typeof value === 'number' ? value : undefined;
}

export function flag({ attributes }: Attributed, name: string): boolean | undefined {
  const value = attributes[name];
  return typeof value === 'boolean' ? value : undefined;
}
