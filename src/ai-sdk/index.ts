export type { ModelOptions } from './language-model.js';
export type { ChatDebugMiddleware } from './middleware.js';
export { chatDebugMiddleware } from './middleware.js';
export { wrapModel } from './wrap-model.js';
export { wrapProvider } from './wrap-provider.js';
