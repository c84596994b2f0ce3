/** A straight line through points, by least squares. */
export interface Slope {
  readonly perX: number;
  /** Half the width of the interval that holds the true slope with 95 % confidence, were the points independent. */
  readonly margin: number;
}

export type Point = readonly [x: number, y: number];

/** `NaN` for fewer than three points. */
export function slopeOf(points: readonly Point[]): Slope {
  const { length } = points;
  const meanX = sum(points.map(([x]) => x)) / length;
  const meanY = sum(points.map(([, y]) => y)) / length;
  const spread = sum(points.map(([x]) => (x - meanX) ** 2));
  const perX = sum(points.map(([x, y]) => (x - meanX) * (y - meanY))) / spread;
  const residuals = sum(points.map(([x, y]) => (y - meanY - perX * (x - meanX)) ** 2));
  const margin = length < 3 ? Number.NaN : 1.96 * Math.sqrt(residuals / (length - 2) / spread);
  return { perX, margin };
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}
