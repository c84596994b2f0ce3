export type { ModelOptions } from './language-model.js';
export type { ChatDebugMiddleware } from './wrap.js';
export { chatDebugMiddleware, wrapModel, wrapProvider } from './wrap.js';
