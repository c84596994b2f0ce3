import { CALLER_SCENARIOS } from './caller-scenarios.js';
import { PROVIDER_SCENARIOS } from './provider-scenarios.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [...PROVIDER_SCENARIOS, ...CALLER_SCENARIOS];
