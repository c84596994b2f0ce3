import { BEDROCK_VARIANTS } from './bedrock-variants.js';
import { CUTS, ENDS, REASONS } from './ending-variants.js';
import { ENVELOPES } from './error-answer-variants.js';
import { FORMAT_VARIANTS } from './format-variants.js';
import { SUCCESSES } from './good-answer-variants.js';
import { FRAMES } from './stream-variants.js';
import type { Variant } from './variant.js';

export const VARIANTS: readonly Variant[] = [
  ...ENVELOPES,
  ...SUCCESSES,
  ...FRAMES,
  ...ENDS,
  ...CUTS,
  ...REASONS,
  ...FORMAT_VARIANTS,
  ...BEDROCK_VARIANTS,
];
