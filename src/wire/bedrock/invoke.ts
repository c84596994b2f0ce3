import type { WireFormat } from '../format.js';
import { lazyReading } from '../lazy-reading.js';
import { bedrockCall } from './model-call.js';

/** AWS Bedrock's way to a model in the model's own format. Of Anthropic's and Amazon's the messages are read. */
export const bedrockInvoke: WireFormat = {
  name: 'bedrock-invoke',
  isOpen: true,
  match: (line) => bedrockCall(bedrockInvoke, line, '/invoke', '/invoke-with-response-stream'),
  ...lazyReading(() => require('./invoke-reading.js') as typeof import('./invoke-reading.js')),
};
