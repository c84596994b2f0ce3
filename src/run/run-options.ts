import type { Attributes } from '@opentelemetry/api';
import { warn } from '../self-diagnostics.js';
import type { RunOptions } from '../types.js';
import { isCapture } from './capture-choice.js';

type Check = readonly [takes: string, accepts: (value: unknown) => boolean];

const TEXT: Check = ['a string', (value) => typeof value === 'string'];
const NAME: Check = ['a string that is not empty', (value) => typeof value === 'string' && value !== ''];

const CHECKS: Readonly<Record<keyof RunOptions, Check>> = {
  kind: NAME,
  chatId: TEXT,
  rootChatId: TEXT,
  parentChatId: TEXT,
  ownerId: TEXT,
  modelConfigId: TEXT,
  triggerMessageId: TEXT,
  historyTipMessageId: TEXT,
  firstMessage: TEXT,
  provider: TEXT,
  model: TEXT,
  capture: ['errors, full or off', isCapture],
  runId: NAME,
  firstStepNumber: ['a whole number from 0', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  attributes: ['an object', (value) => typeof value === 'object' && value !== null],
};

/**
 * A copy of what a run is started with, so that a later change of the application's object changes nothing
 * here. A value that can't be used is left out with a warning that names it: a chat turn never fails for it.
 */
export function checkedRunOptions(given: RunOptions): RunOptions {
  const options: Record<string, unknown> = {};
  // Of what is given, not of all that might be: that is three or four of fifteen.
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!isOption(name) || value === undefined || value === null) continue;
    const [takes, accepts] = CHECKS[name];
    if (name === 'attributes' && accepts(value)) options[name] = ownAttributes(value as Attributes);
    else if (accepts(value)) options[name] = value;
    else warn(`run option ${name} takes ${takes}, not ${typeof value}: left out`);
  }
  return options;
}

/** What this package writes: an attribute of the application's must not pass for it. */
const RESERVED = /^(chatdebug|gen_ai|error|exception)\./;

function ownAttributes(given: Attributes): Attributes {
  const entries = Object.entries(given).filter(([name]) => {
    if (!RESERVED.test(name)) return true;
    warn(
      'run option attributes: names that begin with chatdebug., gen_ai., error. or exception. are left out',
    );
    return false;
  });
  const copies = entries.map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]);
  return Object.fromEntries(copies) as Attributes;
}

function isOption(name: string): name is keyof RunOptions {
  return Object.hasOwn(CHECKS, name);
}
