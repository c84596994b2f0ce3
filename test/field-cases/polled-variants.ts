import {
  COMPLETED,
  CUT,
  data,
  ENDED_EARLY,
  ERROR,
  type Expected,
  generic,
  named,
  type Response,
  STOPPED,
  TALK,
  type Variant,
  variant,
} from './variant.js';

const INTERRUPTED: Expected = { status: 'interrupted' };

const interaction = (status: string, rest: object = {}): object => ({
  id: 'v1_a',
  object: 'interaction',
  model: 'm',
  status,
  steps: [{ type: 'model_output', content: [{ type: 'text', text: TALK }] }],
  ...rest,
});
const sent = (event_type: string, rest: object): string => named(event_type, { event_type, ...rest });
const created = sent('interaction.created', { interaction: { id: 'v1_a', status: 'in_progress' } });
const delta = (text: string): string => sent('step.delta', { index: 0, delta: { type: 'text', text } });
const BEGUN = created + delta('Foxes ') + delta(TALK);
const completed = (status: string, rest: object = {}): string =>
  sent('interaction.completed', { interaction: interaction(status, { steps: undefined, ...rest }) });
const DONE = named('done', '[DONE]');

const interacted = (
  title: string,
  body: string | object,
  expected: Expected,
  end: 'clean' | 'cut' = 'clean',
): Variant => variant(`Interactions: ${title}`, '/v1beta/interactions', body, expected, { end });

const INTERACTIONS: readonly Variant[] = [
  interacted('an answer', interaction('completed'), COMPLETED),
  interacted('a response that calls a tool', interaction('requires_action'), COMPLETED),
  interacted('an incomplete response', interaction('incomplete'), COMPLETED),
  interacted('without steps', interaction('completed', { steps: undefined }), COMPLETED),
  interacted('cancelled', interaction('cancelled'), INTERRUPTED),
  interacted('failed', interaction('failed', { errors: [ERROR] }), STOPPED),
  interacted(
    'failed without a reason',
    interaction('failed', { errors: [] }),
    generic({ errorType: 'failed' }),
  ),
  interacted(
    'failed in a step',
    interaction('failed', { steps: [{ type: 'model_output', error: ERROR }] }),
    STOPPED,
  ),
  interacted('an error instead of a response', { error: ERROR }, STOPPED),
  interacted('a stream', BEGUN + completed('completed') + DONE, COMPLETED),
  interacted('a stream without its last event', BEGUN + completed('completed'), COMPLETED),
  interacted(
    'a long last event',
    BEGUN + completed('completed', { output_text: 'x'.repeat(20_000) }) + DONE,
    COMPLETED,
  ),
  interacted('failed in a stream', BEGUN + completed('failed', { errors: [ERROR] }) + DONE, STOPPED),
  interacted(
    'a status that says failed',
    BEGUN + sent('interaction.status_update', { status: 'failed' }) + DONE,
    generic({ errorType: 'failed' }),
  ),
  interacted('an error event', BEGUN + sent('error', { error: ERROR }), STOPPED),
  interacted('bare JSON of an error', `${BEGUN}${JSON.stringify({ error: ERROR })}\n`, STOPPED),
  interacted('no end', BEGUN, ENDED_EARLY),
  interacted('cut', BEGUN, CUT, 'cut'),
  interacted('cut after the response, before the last event', BEGUN + completed('completed'), CUT, 'cut'),
];

const PREDICTION: Variant['request']['body'] = { version: 'v', input: { prompt: 'How do foxes hunt?' } };
const prediction = (status: string, rest: object = {}): object => ({
  id: 'p-1',
  model: 'meta/llama',
  status,
  error: null,
  output: status === 'succeeded' ? ['Foxes ', TALK] : null,
  urls: {
    get: 'https://api.replicate.com/v1/predictions/p-1',
    stream: 'https://stream.replicate.com/v1/files/p',
  },
  ...rest,
});
const output = (text: string): string => `event: output\nid: 1:0\ndata: ${text}\n\n`;
const OUTPUT = output('Foxes ') + output(TALK) + output('{"error": "is what the model wrote"}');

const predicted = (
  title: string,
  body: string | object,
  expected: Expected,
  { status = typeof body === 'string' ? 200 : 201, end = 'clean' }: Pick<Response, 'status' | 'end'> = {},
): Variant => {
  const made = variant(`Predictions: ${title}`, '/v1/predictions', body, expected, { status, end });
  return { ...made, request: { ...made.request, body: PREDICTION } };
};

const PREDICTIONS: readonly Variant[] = [
  predicted('an answer', prediction('succeeded'), COMPLETED),
  predicted('a response that is not text', prediction('succeeded', { output: { score: 1 } }), COMPLETED),
  predicted('failed', prediction('failed', { error: 'The engine stopped.' }), STOPPED),
  predicted('canceled', prediction('canceled'), INTERRUPTED),
  predicted(
    'a refused request',
    { title: 'Invalid', detail: 'The engine stopped.', status: 422 },
    generic(),
    {
      status: 500,
    },
  ),
  predicted('a stream', OUTPUT + named('done', {}), COMPLETED),
  predicted('a stream without output', named('done', {}), COMPLETED),
  predicted('an error in a stream', OUTPUT + named('error', { detail: 'The engine stopped.' }), STOPPED),
  predicted(
    'an error, then the end',
    OUTPUT + named('error', 'The engine stopped.') + named('done', { reason: 'error' }),
    STOPPED,
  ),
  predicted('canceled in a stream', OUTPUT + named('done', { reason: 'canceled' }), INTERRUPTED),
  predicted('no end', OUTPUT, ENDED_EARLY),
  predicted('cut', OUTPUT, CUT, { end: 'cut' }),
  predicted(
    'chunks of Chat Completions in events of the same name',
    named('output', { choices: [{ index: 0, delta: { content: 'Foxes' }, finish_reason: 'stop' }] }),
    COMPLETED,
  ),
  predicted('text about an end', output('event: done') + data('x'), ENDED_EARLY),
];

/** Formats whose calls may be polled. */
export const POLLED_VARIANTS: readonly Variant[] = [...INTERACTIONS, ...PREDICTIONS];
