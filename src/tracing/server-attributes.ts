import type { Attributes } from '@opentelemetry/api';
import { remembered } from '../remembered.js';
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../semconv.js';

/** Host and port of an origin; nothing where it is no URL. */
export const serverAttributes = remembered((origin): Attributes => {
  if (!URL.canParse(origin)) return {};
  const { hostname, port, protocol } = new URL(origin);
  return {
    [ATTR_SERVER_ADDRESS]: hostname,
    [ATTR_SERVER_PORT]: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  };
});
