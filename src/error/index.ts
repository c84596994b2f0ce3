export { attachClassification } from './attach.js';
export { classifyError } from './classify.js';
export { explainError } from './explain.js';
export { fingerprintOf } from './fingerprint.js';
export { ERROR_KINDS, type ErrorKind, isErrorKind } from './kind.js';
export { REQUEST_ID_HEADERS } from './request-id-headers.js';
export { type ErrorText, templateOf } from './template.js';
export type { AttachedClassification, Classification, ClassifyOptions, Explanation } from './types.js';
