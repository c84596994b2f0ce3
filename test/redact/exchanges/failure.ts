import type { Planting } from './planting.js';

/** The length of the status description, the detail, one text, a message and a stack, in characters. */
const BOUNDS = [40, 200, 500, 4_000, 10_000, 20_000, 65_536];

/** Errors of an application: texts with secrets in them, at any depth. */
export function failure(planting: Planting): unknown {
  const text = (place: string) => planting.across(place, planting.chance(0.8) ? BOUNDS.slice(0, 3) : BOUNDS);
  const kind = Math.floor(planting.random() * 6);
  if (kind === 0) return text('thrown text');
  if (kind === 1) return { message: text('thrown object'), code: planting.line('error code'), status: 500 };
  if (kind === 2) return unreadable(planting.json('error of JSON.parse'));
  if (kind === 3)
    return new AggregateError([new Error(text('AggregateError')), text('AggregateError')], 'Both failed');
  if (kind === 4) {
    const error = {
      responseBody: planting.json('error with a body'),
      url: planting.line('error with a body'),
      statusCode: 500,
    };
    return Object.assign(new Error(text('error text')), error);
  }
  let error = new Error(text('cause chain'));
  for (let depth = Math.floor(planting.random() * 5); depth > 0; depth--) {
    error = new TypeError(planting.chance(0.3) ? 'fetch failed' : text('cause chain'), { cause: error });
  }
  return error;
}

function unreadable(json: string): unknown {
  try {
    return JSON.parse(`${json.slice(0, -1)}!`);
  } catch (error) {
    return error;
  }
}
