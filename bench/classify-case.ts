import { benchClassify } from './classify.js';
import type { Report } from './report.js';
import { figure, table } from './table.js';

/** What saying the kind of an error takes. */
export async function measureClassify(): Promise<Report> {
  const rows = await benchClassify();
  const text = table(
    ['', 'CPU µs', 'at most'],
    rows.map(({ name, microseconds, target }) => [
      name,
      figure(microseconds),
      target === undefined ? '' : figure(target, 0),
    ]),
  );
  const title = 'classifyError';
  return { text: `${title}\n\n${text}`, data: { title, rows } };
}
