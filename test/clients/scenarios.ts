/** A fault of the provider, and the expected recording. */
export type Scenario = 'ok' | 'refused' | 'limited' | 'recovers' | 'broken' | 'error-in-stream' | 'cut';

export type Mode = 'generate' | 'stream';

export type Capture = 'full' | 'errors';

export interface Call {
  readonly mode: Mode;
  readonly scenario: Scenario;
  /** In the prompt and thus in each request of the call, in the provider's responses and in its request ids. */
  readonly marker: string;
}

/** The responses to the requests of a call, by index from 0. */
export type Act = 'answer' | 'error-in-stream' | 'cut' | 400 | 429 | 500;

export interface Expected {
  readonly status: 'completed' | 'error';
  readonly kind?: string;
  /** Errors capture keeps the kind `generic` only. */
  readonly kept: boolean;
}

const COMPLETED: Expected = { status: 'completed', kept: false };
const GENERIC: Expected = { status: 'error', kind: 'generic', kept: true };
const RATE_LIMIT: Expected = { status: 'error', kind: 'rate_limit', kept: false };
const TIMEOUT: Expected = { status: 'error', kind: 'timeout', kept: false };

interface Script {
  readonly title: string;
  act(request: number): Act;
  /** By the number of requests that the client made. */
  expected(requests: number): Expected;
}

export const SCRIPTS: Readonly<Record<Scenario, Script>> = {
  ok: { title: '200', act: () => 'answer', expected: () => COMPLETED },
  refused: { title: '400', act: () => 400, expected: () => GENERIC },
  limited: { title: '429', act: () => 429, expected: () => RATE_LIMIT },
  recovers: {
    title: '500 then 200',
    act: (request) => (request === 0 ? 500 : 'answer'),
    expected: (requests) => (requests > 1 ? COMPLETED : GENERIC),
  },
  broken: { title: '500', act: () => 500, expected: () => GENERIC },
  'error-in-stream': {
    title: 'error in the stream',
    act: () => 'error-in-stream',
    expected: () => GENERIC,
  },
  cut: { title: 'cut', act: () => 'cut', expected: () => TIMEOUT },
};

export function callsOf(modes: readonly Mode[]): Call[] {
  const scenarios = Object.keys(SCRIPTS) as Scenario[];
  return modes.flatMap((mode) =>
    scenarios
      .filter((scenario) => mode === 'stream' || scenario !== 'error-in-stream')
      .map((scenario) => ({ mode, scenario, marker: `survey-${mode}-${scenario}-call` })),
  );
}

const MARKERS = new Map(callsOf(['generate', 'stream']).map((call) => [call.marker, call]));

/** The call of a request, by the marker in its body or its URL. */
export function callIn(text: string): Call | undefined {
  const [marker] = /survey-(?:generate|stream)-[a-z-]+-call/.exec(text) ?? [];
  return marker === undefined ? undefined : MARKERS.get(marker);
}

export const promptOf = ({ marker }: Call): string => `How do foxes hunt? ${marker}`;
export const answerOf = ({ marker }: Call): string => `They pounce, says ${marker} of it.`;
