/** How often a secret of each shape was planted in each place. A secret counts in every place that contains it. */
export class Tried {
  readonly #counts = new Map<string, Map<string, number>>();

  add(place: string, shape: string): void {
    const shapes = this.#counts.get(place) ?? new Map<string, number>();
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
    this.#counts.set(place, shapes);
  }

  of(place: string): number {
    return [...(this.#counts.get(place)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }

  /** A line for each place, a column for each shape. */
  toString(): string {
    const places = [...this.#counts.keys()].sort();
    const shapes = [...new Set([...this.#counts.values()].flatMap((counts) => [...counts.keys()]))].sort();
    const rows = places.map((place) => {
      const counts = shapes.map((shape) => String(this.#counts.get(place)?.get(shape) ?? ''));
      return [place, String(this.of(place)), ...counts];
    });
    const lines = [['', 'all', ...shapes], ...rows];
    const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
    const written = lines.map(([first = '', ...cells]) => [
      first.padEnd(widths?.[0] ?? 0),
      ...cells.map((cell, index) => cell.padStart(widths?.[index + 1] ?? 0)),
    ]);
    return written.map((line) => line.join(' ')).join('\n');
  }
}
