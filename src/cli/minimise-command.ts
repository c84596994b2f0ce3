import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { attemptsOf, CaseError, type CaseRequest, type FieldCase, readCase } from '../case/format.js';
import { type Command, invalidArgument, PROGRAM, UsageError, writeOutput } from '../command.js';
import {
  headersWithKey,
  joinUrl,
  keyHeaderOf,
  ProviderClient,
  type Rejection,
  StoppedError,
} from '../minimise/provider-client.js';
import { type Body, minimise } from '../minimise/search.js';
import { messageList } from '../minimise/units.js';
import { isFields } from '../query/stored-span.js';
import { redactText } from '../redact/text.js';

const BUDGET = 50;
/** As a shell reports SIGINT. */
const INTERRUPTED = 130;

const USAGE = `Usage: npx ${PROGRAM} minimise <case.json> --against <url> [options]

Finds the smallest request that the provider rejects with the same error. Sends the request of a case that failed with a
4xx status repeatedly, each time without some of its messages, parts, tools and options, and prints what remains. A request
that the provider accepts costs as much as such a call. Requests go to the given host only.

  --against <url>   base URL of the provider, such as https://api.openai.com/v1
  --key-from <name> environment variable with the key (default: that of the provider's SDK); keys are never printed
  --yes             sends more than ${BUDGET} requests without asking
  -o, --output <file> output file (default: standard output)
  --help            prints this text

Ctrl-C prints the smallest request so far.

Exit code: 0 on success, 1 if the provider does not reject the request with the same error or does not respond, 2 if the
command line is invalid, 130 after Ctrl-C.`;

export const minimiseCommand: Command = {
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        against: { type: 'string' },
        'key-from': { type: 'string' },
        yes: { type: 'boolean', default: false },
        output: { type: 'string', short: 'o' },
      },
    });
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0) throw new UsageError('Expected one case');
    const base = baseUrl(values.against);
    const fieldCase = readCase(file);
    const { request, status } = rejectedRequest(fieldCase, file);
    const keyHeader = keyHeaderOf(fieldCase.provider);
    const variables = values['key-from'] === undefined ? keyHeader.variables : [values['key-from']];
    const key = variables.map((name) => process.env[name]).find(Boolean);
    if (key === undefined) console.error(`No key is sent: ${variables.join(' or ')} is not set.`);
    const interrupt = new AbortController();
    // A second Ctrl-C ends the process.
    process.once('SIGINT', () => interrupt.abort());
    const client = new ProviderClient({
      url: joinUrl(base, request.path),
      method: request.method,
      headers: headersWithKey(request, keyHeader, key),
      provider: fieldCase.provider,
      budget: BUDGET,
      confirmContinue: async (sent) => values.yes || confirmContinue(sent, interrupt),
      signal: interrupt.signal,
    });
    const body = request.body as Body;
    const rejection = await sameRejection(client, body, status, fieldCase, variables);
    console.error(`${base.host} rejects it: ${described(rejection)}`);
    const smallest = await search(client, body, rejection.fingerprint);
    console.error(summary(body, smallest, client.sent));
    const text = `${JSON.stringify(smallest, undefined, 2)}\n`;
    writeOutput(values.output, text);
    return interrupt.signal.aborted ? INTERRUPTED : 0;
  },
};

function baseUrl(text: string | undefined): URL {
  if (text === undefined) throw new UsageError('Missing --against: expected the base URL of the provider');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw invalidArgument('--against', redactText(text), 'an http or https URL without user and password');
  return url;
}

/** The request of the last attempt, whose error is that of the step. */
function rejectedRequest(
  fieldCase: FieldCase,
  file: string,
): { readonly request: CaseRequest; readonly status: number } {
  const last = attemptsOf(fieldCase).at(-1);
  const { status } = last?.response ?? {};
  if (last === undefined || status === undefined || status < 400 || status > 499)
    throw new CaseError(
      `${file} ended with ${status ?? 'no response'}: only a request that was rejected with a 4xx status can be minimised`,
    );
  const { truncated, body } = last.request;
  if (truncated !== undefined)
    throw new CaseError(
      `The request in ${file} is truncated to ${truncated.known} of ${truncated.size} bytes: record it with a larger maxBodyBytes`,
    );
  if (!isFields(body)) throw new CaseError(`The body of the request in ${file} is not a JSON object`);
  if (fieldCase.synthesised?.includes('request') === true)
    console.error(
      'The request is synthesised from its shape, as no content was recorded: the provider may reject it for another reason.',
    );
  return { request: last.request, status };
}

async function sameRejection(
  client: ProviderClient,
  body: Body,
  status: number,
  { expect }: FieldCase,
  variables: readonly string[],
): Promise<Rejection> {
  const rejection = await client.send(body);
  if (rejection === undefined) throw new CaseError('The provider accepts the request: nothing to minimise');
  const isSame = rejection.status === status && (expect.kind === undefined || rejection.kind === expect.kind);
  if (isSame) return rejection;
  const hint =
    rejection.status === 401 ? `. Check the key in ${variables.join(' or ')}, or set --key-from` : '';
  throw new CaseError(
    `The error differs from the case: received ${described(rejection)}, expected ${status} ${expect.kind ?? ''}${hint}`,
  );
}

/** If it ends early, returns the smallest request so far. */
async function search(client: ProviderClient, body: Body, fingerprint: string): Promise<Body> {
  let smallest = body;
  const keep = (smaller: Body): void => {
    smallest = smaller;
  };
  try {
    return await minimise(body, async (one) => (await client.send(one))?.fingerprint === fingerprint, keep);
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    console.error(`${error.message}: a smaller request may exist. To search further, run with --yes.`);
    return smallest;
  }
}

async function confirmContinue(sent: number, interrupt: AbortController): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => interrupt.abort());
  const closed = once(terminal, 'close').then(() => '');
  const { signal } = interrupt;
  try {
    const question = `${sent} requests sent. Continue? (y/N) `;
    const answer = await Promise.race([terminal.question(question, { signal }).catch(() => ''), closed]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function described({ status, kind, errorType, detail }: Rejection): string {
  return `${status} ${errorType} (${kind})${detail === undefined ? '' : `: ${detail}`}`;
}

function summary(from: Body, to: Body, requests: number): string {
  const list = messageList(from);
  const count = (body: Body) =>
    list === undefined ? undefined : (body[list] as readonly unknown[] | undefined)?.length;
  const messages = list === undefined ? '' : `${count(to) ?? 0} of ${count(from)} messages, `;
  const [bytes, before] = [to, from].map((body) => Buffer.byteLength(JSON.stringify(body)));
  return `${messages}${bytes} of ${before} bytes remain after ${requests} requests.`;
}
