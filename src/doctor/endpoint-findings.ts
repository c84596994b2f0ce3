import type { OtlpProtocol } from '../delivery/otlp-endpoint.js';
import { type Finding, fail, ok, warn } from './check.js';

export type Probe =
  | { readonly kind: 'response'; readonly status: number; readonly contentType: string }
  /** `code` is that of Node.js or OpenSSL, or `gRPC` and its status. */
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'timeout' };

export interface ProbedEndpoint {
  /** Redacted. */
  readonly url: string;
  readonly host: string;
  readonly port: string;
  readonly isSecure: boolean;
  /** The variable that sets it, if one does. */
  readonly variable: string | undefined;
  /** Whether that is a `CHATDEBUG_` variable. */
  readonly isOwn: boolean;
  readonly protocol: OtlpProtocol;
  /** The names of the headers from variables. */
  readonly headers: readonly string[];
  readonly timeoutMillis: number;
}

type Text = (endpoint: ProbedEndpoint) => string;

/** A rule of a list in which the first match applies. */
interface Rule {
  readonly matches: (probe: Probe, endpoint: ProbedEndpoint) => boolean;
  /** Followed by the status or the code. */
  readonly message: Text;
  readonly advice?: Text;
  /** Default: `fail`. */
  readonly state?: typeof fail;
}

const status =
  (...wanted: readonly number[]) =>
  (probe: Probe): boolean =>
    probe.kind === 'response' && wanted.includes(probe.status);

const statusBetween =
  (from: number, to: number) =>
  (probe: Probe): boolean =>
    probe.kind === 'response' && probe.status >= from && probe.status <= to;

const code =
  (wanted: RegExp) =>
  (probe: Probe): boolean =>
    probe.kind === 'error' && wanted.test(probe.code);

const GRPC_PORT = '4317';

const setEndpoint: Text = ({ variable = 'OTEL_EXPORTER_OTLP_ENDPOINT' }) => `Set ${variable}`;
const variableFor = ({ isOwn }: ProbedEndpoint, setting: string): string =>
  `${isOwn ? 'CHATDEBUG_OTLP' : 'OTEL_EXPORTER_OTLP'}_${setting}`;
const setCredentials: Text = (endpoint) =>
  `Set credentials: ${variableFor(endpoint, 'HEADERS')}=authorization=Bearer%20<token>`;
const useOtlpHttp: Text = (endpoint) =>
  `${setEndpoint(endpoint)} to the OTLP/HTTP endpoint, usually port 4318`;
const useGrpc: Text = (endpoint) => `set ${variableFor(endpoint, 'PROTOCOL')}=grpc`;

const RULES: readonly Rule[] = [
  {
    matches: (probe) =>
      probe.kind === 'response' && /^text\/html/i.test(probe.contentType) && probe.status < 400,
    message: () => 'the response is a web page',
    advice: (endpoint) => `This is the address of a web interface. ${useOtlpHttp(endpoint)}.`,
  },
  { matches: statusBetween(200, 299), state: ok, message: () => 'accepts exports' },
  {
    matches: statusBetween(300, 399),
    message: () => 'redirected',
    advice: (endpoint) => `The exporter does not follow redirects. ${setEndpoint(endpoint)} to the target.`,
  },
  {
    matches: status(401, 403),
    message: () => 'authentication failed',
    advice: (endpoint) =>
      `${endpoint.headers.length === 0 ? 'No headers are set' : `Headers sent: ${endpoint.headers.join(', ')}`}. ${setCredentials(endpoint)}`,
  },
  {
    matches: status(404),
    message: () => 'no OTLP receiver at this path',
    advice: ({ variable }) =>
      variable === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
        ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used unchanged: set it to the whole URL, usually with the path /v1/traces.'
        : variable === 'CHATDEBUG_OTLP_ENDPOINT'
          ? '/v1/traces is appended to CHATDEBUG_OTLP_ENDPOINT unless it ends with it. Correct the rest of the URL.'
          : '/v1/traces is appended to OTEL_EXPORTER_OTLP_ENDPOINT: remove it there. For another path set the whole URL in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.',
  },
  {
    matches: status(405),
    message: () => 'POST is not allowed',
    advice: (endpoint) => `This is not an OTLP endpoint. ${useOtlpHttp(endpoint)}.`,
  },
  {
    matches: status(415),
    message: ({ protocol }) => `${protocol === 'http/json' ? 'JSON' : 'protobuf'} is not supported`,
    advice: (endpoint) =>
      `Set ${variableFor(endpoint, 'PROTOCOL')}=${endpoint.protocol === 'http/json' ? 'http/protobuf' : 'http/json'}`,
  },
  {
    matches: (probe, { isSecure }) => status(400)(probe) && !isSecure,
    message: () => 'bad request',
    advice: (endpoint) =>
      `If the port expects TLS, use https://. If it accepts protobuf only, set ${variableFor(endpoint, 'PROTOCOL')}=http/protobuf`,
  },
  {
    matches: status(408, 429, 502, 503, 504),
    state: warn,
    message: () => 'temporarily unavailable',
    advice: () => 'Spans are queued and retried. Check the receiver and its limits.',
  },
  {
    matches: statusBetween(400, 599),
    message: () => 'request rejected',
    advice: () => 'The log of the receiver has the reason.',
  },
  { matches: code(/^gRPC (7|16)$/), message: () => 'authentication failed', advice: setCredentials },
  {
    matches: code(/^gRPC (4|8|14)$/),
    state: warn,
    message: () => 'temporarily unavailable',
    advice: () => 'Spans are queued and retried. Check the receiver and its limits.',
  },
  {
    matches: code(/^(gRPC|ERR_HTTP2)/),
    message: () => 'gRPC is not supported',
    advice: (endpoint) =>
      `${setEndpoint(endpoint)} to the gRPC port, usually 4317, or set ${variableFor(endpoint, 'PROTOCOL')}=http/json`,
  },
  {
    matches: (probe, { port, protocol }) =>
      protocol !== 'grpc' &&
      port === GRPC_PORT &&
      probe.kind !== 'response' &&
      !code(/^E(AI_AGAIN|NOTFOUND)$/)(probe),
    message: () => 'port 4317 is for gRPC, but the protocol is OTLP/HTTP',
    advice: (endpoint) => `${useOtlpHttp(endpoint)}, or ${useGrpc(endpoint)}`,
  },
  {
    matches: code(/^ECONNREFUSED$/),
    message: () => 'connection refused',
    advice: (endpoint) =>
      `Start the receiver on port ${endpoint.port}, or ${setEndpoint(endpoint).replace('Set', 'set')} to another address.${isLoopback(endpoint.host) ? ' In a container, localhost is the container itself.' : ''}`,
  },
  {
    matches: code(/^(ENOTFOUND|EAI_AGAIN)$/),
    message: ({ host }) => `host ${host} not found`,
    advice: (endpoint) => `${setEndpoint(endpoint)} to a known host, or check DNS: nslookup ${endpoint.host}`,
  },
  {
    matches: code(/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/),
    message: () => 'host unreachable',
    advice: ({ host, port }) => `Check the network, the firewall and the VPN: nc -zv ${host} ${port}`,
  },
  {
    matches: code(/^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/),
    message: () => 'the port does not use TLS',
    advice: (endpoint) => `${setEndpoint(endpoint)} to an http:// URL, or to the port with TLS.`,
  },
  {
    matches: code(/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|ERR_OSSL/),
    message: () => 'certificate verification failed',
    advice: (endpoint) =>
      `Set ${variableFor(endpoint, 'CERTIFICATE')} to the certificate of the authority (PEM), and for mTLS ${variableFor(endpoint, 'CLIENT_CERTIFICATE')} and ${variableFor(endpoint, 'CLIENT_KEY')}. If the certificate has expired or is for another host, replace it on the server.`,
  },
  {
    matches: code(/^(HPE_|ECONNRESET|EPIPE)/),
    message: () => 'no HTTP/1.1 response',
    advice: (endpoint) =>
      `If this is a gRPC port: ${useOtlpHttp(endpoint)}, or ${useGrpc(endpoint)}.${endpoint.isSecure ? '' : ' If it expects TLS, use https://.'}`,
  },
  {
    matches: code(/^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER_VALUE)$/),
    message: () => 'invalid header',
    advice: (endpoint) =>
      `${variableFor(endpoint, 'HEADERS')} contains a character that HTTP does not allow. Write it as %XX.`,
  },
  {
    matches: (probe) => probe.kind === 'timeout',
    message: ({ timeoutMillis }) => `no response within ${timeoutMillis} ms`,
    advice: () =>
      'The receiver hangs, or a firewall drops the connection. To wait longer, run: doctor --timeout 30000',
  },
];

const OTHERWISE: Omit<Rule, 'matches'> = {
  message: () => 'connection failed',
  advice: () => 'See the error codes of Node.js and OpenSSL.',
};

/** Explains the result of a probe. */
export function findingOf(probe: Probe, endpoint: ProbedEndpoint): Finding {
  const { message, advice, state = fail } = RULES.find((rule) => rule.matches(probe, endpoint)) ?? OTHERWISE;
  const line = `${endpoint.url}: ${message(endpoint)}${detailOf(probe)}`;
  return advice === undefined ? state(line) : state(line, advice(endpoint));
}

function detailOf(probe: Probe): string {
  if (probe.kind === 'response') return ` (HTTP ${probe.status})`;
  return probe.kind === 'error' ? ` (${probe.code})` : '';
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\..*|\[::1\])$/.test(host);
}
