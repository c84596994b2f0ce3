// Preloaded into the process of a client. Connections to the default endpoints of providers lead to the survey's
// provider on loopback, with the same host name, TLS and HTTP. Nothing that the package under test observes is
// changed, and the connection of the exporter keeps its target.
'use strict';
const { Socket } = require('node:net');

const PORTS = { 443: Number(process.env.SURVEY_TLS_PORT), 11434: Number(process.env.SURVEY_PLAIN_PORT) };
const connect = Socket.prototype.connect;

function routed(options) {
  const port = PORTS[options?.port];
  return port === undefined ? options : { ...options, host: '127.0.0.1', port };
}

Socket.prototype.connect = function (...args) {
  const [first] = args;
  // `net.connect` passes its arguments as one list that it has marked.
  if (Array.isArray(first)) first[0] = routed(first[0]);
  else if (typeof first === 'object') args[0] = routed(first);
  return connect.apply(this, args);
};
