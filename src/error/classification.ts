/** What looks at an error: one module, which `index.ts` loads with the first error. */
export { attachClassification } from './attach.js';
export { classifyError, explainError } from './classify.js';
export { fingerprintOf } from './fingerprint.js';
export { templateOf } from './template.js';
