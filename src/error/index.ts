export { attachClassification } from './attach.js';
export { classifyError, explainError } from './classify.js';
export { fingerprintOf } from './fingerprint.js';
export { ERROR_KINDS, type ErrorKind, type ErrorKindName, errorKind, isErrorKindName } from './kind.js';
export { type ErrorText, templateOf } from './template.js';
export type { AttachedClassification, Classification, ClassifyOptions, Explanation } from './types.js';
export { REQUEST_ID_HEADERS } from './values.js';
