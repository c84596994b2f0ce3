import type { OtlpProtocol } from '../delivery/otlp-variables.js';
import { type Finding, fail, ok, warn } from './check.js';
import type { Probe } from './probe.js';

/** What the words about a probe need besides it. */
export interface Asked {
  /** Without secrets. */
  readonly url: string;
  readonly host: string;
  readonly port: string;
  readonly isSecure: boolean;
  /** The variable that names the endpoint, if one does. */
  readonly variable: string | undefined;
  /** A variable of this package's own names it. */
  readonly isOwn: boolean;
  readonly protocol: OtlpProtocol;
  /** The names of the headers that variables add, without their values. */
  readonly headers: readonly string[];
  readonly timeoutMillis: number;
}

type Words = (asked: Asked) => string;

/** What a probe means, in the order in which it is asked; `%` stands for the status or the code. */
interface Case {
  readonly of: (probe: Probe, asked: Asked) => boolean;
  readonly says: Words;
  readonly advice?: Words;
  /** Default: `fail`. */
  readonly state?: typeof fail;
}

const status =
  (...wanted: readonly number[]) =>
  (probe: Probe): boolean =>
    probe.kind === 'answer' && wanted.includes(probe.status);

const code =
  (wanted: RegExp) =>
  (probe: Probe): boolean =>
    probe.kind === 'error' && wanted.test(probe.code);

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const GRPC_PORT = '4317';
const USE_HTTP_PORT =
  'Name the port for OTLP over HTTP, usually 4318, or write OTEL_EXPORTER_OTLP_PROTOCOL=grpc.';

const CASES: readonly Case[] = [
  {
    of: (probe) => probe.kind === 'answer' && /^text\/html/i.test(probe.type) && probe.status < 400,
    says: () => 'a web page answers (HTTP %)',
    advice: ({ variable }) =>
      `That is the address of a user interface. ${nameIn(variable)} the place where OTLP over HTTP is taken, usually port 4318.`,
  },
  {
    of: (probe) => probe.kind === 'answer' && probe.status >= 200 && probe.status < 300,
    state: ok,
    says: () => 'accepts (HTTP %)',
  },
  {
    of: (probe) => probe.kind === 'answer' && probe.status >= 300 && probe.status < 400,
    says: () => 'it redirects (HTTP %)',
    advice: ({ variable }) => `Redirects are not followed. ${nameIn(variable)} the place it leads to.`,
  },
  {
    of: status(401, 403),
    says: () => 'it refuses who asks (HTTP %)',
    advice: ({ headers, isOwn }) =>
      `${headers.length === 0 ? 'No header was sent that says who asks.' : `Sent were the headers ${headers.join(', ')}.`} Name them in ${variableFor(isOwn, 'HEADERS')} as name=value,name=value, with %20 for a space: authorization=Bearer%20…`,
  },
  {
    of: status(404),
    says: () => 'nothing takes traces at this path (HTTP %)',
    advice: ({ variable }) =>
      variable === 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
        ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it stands: write the whole path, usually /v1/traces.'
        : variable === 'CHATDEBUG_OTLP_ENDPOINT'
          ? '/v1/traces is put behind CHATDEBUG_OTLP_ENDPOINT, unless it ends so.'
          : '/v1/traces is put behind OTEL_EXPORTER_OTLP_ENDPOINT: leave it out there. For another path name the whole URL in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.',
  },
  {
    of: status(405),
    says: () => 'what listens there takes no POST (HTTP %)',
    advice: ({ variable }) =>
      `That is no OTLP endpoint, or another path of its server. ${nameIn(variable)} the place where OTLP over HTTP is taken, usually port 4318.`,
  },
  {
    of: status(415),
    says: ({ protocol }) =>
      protocol === 'http/json' ? 'it does not take JSON (HTTP %)' : 'it does not take protobuf (HTTP %)',
    advice: ({ protocol, isOwn }) =>
      `Write ${variableFor(isOwn, 'PROTOCOL')}=${protocol === 'http/json' ? 'http/protobuf' : 'http/json'}.`,
  },
  {
    of: (probe, { isSecure }) => status(400)(probe) && !isSecure,
    says: () => 'it refuses the request (HTTP %)',
    advice: () =>
      'Where the port speaks TLS, write https:// in the endpoint. Where it takes protobuf alone, write OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
  },
  {
    of: status(408, 429, 502, 503, 504),
    state: warn,
    says: () => 'it is there, and takes nothing at the moment (HTTP %)',
    advice: () => 'What is kept is held and tried again. Look at what stands behind it, or at its limits.',
  },
  {
    of: (probe) => probe.kind === 'answer' && probe.status >= 400,
    says: () => 'it refuses the request (HTTP %)',
    advice: () => 'Its log says why.',
  },
  {
    of: code(/^gRPC (7|16)$/),
    says: () => 'it refuses who asks (%)',
    advice: ({ isOwn }) => `Name its credentials in ${variableFor(isOwn, 'HEADERS')}.`,
  },
  {
    of: code(/^gRPC (4|8|14)$/),
    state: warn,
    says: () => 'it is there, and takes nothing at the moment (%)',
    advice: () => 'What is kept is held and tried again. Look at what stands behind it, or at its limits.',
  },
  {
    of: code(/^(gRPC|ERR_HTTP2)/),
    says: () => 'it does not take traces over gRPC (%)',
    advice: ({ isOwn }) =>
      `Name the port for gRPC, usually 4317, or write ${variableFor(isOwn, 'PROTOCOL')}=http/json.`,
  },
  {
    of: (probe, { port, protocol }) =>
      protocol !== 'grpc' &&
      port === GRPC_PORT &&
      probe.kind !== 'answer' &&
      !code(/^E(AI_AGAIN|NOTFOUND)$/)(probe),
    says: () => '4317 is the port for gRPC, and spans are sent over HTTP (%)',
    advice: () => USE_HTTP_PORT,
  },
  {
    of: code(/^ECONNREFUSED$/),
    says: () => 'nothing listens there (%)',
    advice: ({ host, port, variable }) =>
      `Start what should listen on port ${port}, or name another place in ${variable ?? ENDPOINT}.${isLoopback(host) ? ' Inside a container localhost is the container itself.' : ''}`,
  },
  {
    of: code(/^(ENOTFOUND|EAI_AGAIN)$/),
    says: ({ host }) => `the name ${host} is not known (%)`,
    advice: ({ variable }) =>
      `Correct it in ${variable ?? ENDPOINT}, or see whether this machine asks the right name server.`,
  },
  {
    of: code(/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM)$/),
    says: () => 'no way leads there from this machine (%)',
    advice: () => 'A firewall, a network that is down, or a VPN that is not connected.',
  },
  {
    of: code(/^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/),
    says: () => 'it does not speak TLS (%)',
    advice: () => 'Write http:// in the endpoint, or name the port that speaks TLS.',
  },
  {
    of: code(/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|ERR_OSSL/),
    says: () => 'its certificate is not trusted, or ours not by it (%)',
    advice: () =>
      'Name the authority that signed it in OTEL_EXPORTER_OTLP_CERTIFICATE, as a PEM file; a certificate of your own goes in OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _CLIENT_KEY. A certificate for another host, or one that is too old, must be replaced there.',
  },
  {
    of: code(/^(HPE_|ECONNRESET|EPIPE)/),
    says: () => 'it does not answer in HTTP/1.1 (%)',
    advice: ({ isSecure }) =>
      `A gRPC port does so. ${USE_HTTP_PORT}${isSecure ? '' : ' A port that speaks TLS does so too: then write https://.'}`,
  },
  {
    of: code(/^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER_VALUE)$/),
    says: () => 'its headers can not be sent (%)',
    advice: () =>
      'OTEL_EXPORTER_OTLP_HEADERS has a character in it that no header may have. Write it as %XX.',
  },
  {
    of: (probe) => probe.kind === 'silence',
    says: ({ timeoutMillis }) => `no answer in ${timeoutMillis} ms`,
    advice: () =>
      'Something takes the connection and does not answer, or a firewall swallows it. --timeout waits longer.',
  },
];

const OTHERWISE: Omit<Case, 'of'> = {
  says: () => 'it can not be reached (%)',
  advice: () => 'Look up the code in the documentation of Node.js or OpenSSL.',
};

/** The first case that fits, in words. */
export function findingOf(probe: Probe, asked: Asked): Finding {
  const { says, advice, state = fail } = CASES.find((one) => one.of(probe, asked)) ?? OTHERWISE;
  const line = `${asked.url}: ${says(asked).replace('%', whatCame(probe))}`;
  return advice === undefined ? state(line) : state(line, advice(asked));
}

function whatCame(probe: Probe): string {
  if (probe.kind === 'answer') return String(probe.status);
  return probe.kind === 'error' ? probe.code : 'no answer';
}

function variableFor(isOwn: boolean, setting: string): string {
  return `${isOwn ? 'CHATDEBUG_OTLP' : 'OTEL_EXPORTER_OTLP'}_${setting}`;
}

function nameIn(variable = ENDPOINT): string {
  return `Name in ${variable}`;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\..*|\[::1\])$/.test(host);
}
