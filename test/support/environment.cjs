const { channel } = require('node:diagnostics_channel');
const { TestEnvironment } = require('jest-environment-node');

/** Those that this package or a test subscribes to. */
const NAMES = [
  'undici:client:connected',
  'undici:client:sendHeaders',
  ...['create', 'bodySent', 'bodyChunkSent', 'headers', 'bodyChunkReceived', 'trailers', 'error'].map(
    (event) => `undici:request:${event}`,
  ),
  ...['open', 'close', 'socket_error', 'ping', 'pong'].map((event) => `undici:websocket:${event}`),
];

/** The environment for Node.js, with what must live as long as a worker. */
module.exports = class extends TestEnvironment {
  /**
   * Each test file loads its own copies of undici, and their channels are garbage afterwards. When Node 20 collects a
   * channel, it also forgets the next one of this name: undici would then publish on a channel without subscribers.
   */
  static channels = NAMES.map((name) => channel(name));
};
