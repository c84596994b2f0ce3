import type { WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { bedrockCall } from './model-call.js';

/** The Converse API of AWS Bedrock, the same for every model. */
export const bedrockConverse: WireFormat = {
  name: 'bedrock-converse',
  match: (line) => bedrockCall(bedrockConverse, line, '/converse', '/converse-stream'),
  ...lazyReading(() => require('./converse-reading.js') as typeof import('./converse-reading.js')),
};
