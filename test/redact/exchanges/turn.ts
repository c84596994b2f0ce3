import type { RunOptions } from '../../../src/types.js';
import { chatExchange } from './chat-exchange.js';
import type { Exchange } from './exchange.js';
import { failure } from './failure.js';
import type { Planting } from './planting.js';
import { rawExchange } from './raw-exchange.js';

/** An exchange, the run around it, and the error that the run throws, if any. */
export interface Turn extends Exchange {
  readonly run: RunOptions;
  readonly failure: unknown;
}

/** The length of a first message, in characters. */
const LABEL = [200, 2_000];

export function turn(planting: Planting, maxBodyBytes: number): Turn {
  const exchange = planting.chance(0.65) ? rawExchange(planting, maxBodyBytes) : chatExchange(planting);
  return {
    ...exchange,
    run: {
      runId: `exchange-${planting.seed}`,
      firstMessage: planting.across('first message', LABEL),
      ...(planting.chance(0.1) && { chatId: planting.line('chat id') }),
      ...(planting.chance(0.1) && { kind: planting.line('span name') }),
      ...(planting.chance(0.3) && {
        attributes: { 'app.text': planting.text('attribute'), 'app.list': ['a', planting.text('attribute')] },
      }),
    },
    failure: planting.chance(0.2) ? failure(planting) : undefined,
  };
}
