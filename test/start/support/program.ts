export const PACKAGE = 'opentelemetry-instrumentation-chatdebug';
export const IMPORT_REGISTER = ['--import', `${PACKAGE}/register`];
export const REQUIRE_REGISTER = ['--require', `${PACKAGE}/register`];

const NAMES = 'ChatDebugInstrumentation, chatDebug, reuseStep, startChatDebug, startRun, withRun, withStep';

/** One request, and one chat turn: a run with one step with that request. Takes `withRun` and `withStep`. */
export const TURN = `const ask = async () => {
  const url = process.env.PROVIDER_URL + '/v1/chat/completions';
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  return response.json();
};
const turn = (chatId) => withRun({ chatId }, () => withStep({ operation: 'generate' }, ask));`;

export interface Source {
  source: string;
  type: 'module' | 'commonjs';
}

/**
 * An application: `body` is the body of an async function that can use the public names of this package, `ask()`
 * (a request) and `turn(chatId)` (a run with a step with that request).
 */
export function program(body: string, type: 'module' | 'commonjs' = 'module'): Source {
  return type === 'module'
    ? { type, source: `import { ${NAMES} } from '${PACKAGE}';\n${TURN}\n${body}` }
    : {
        type,
        source: `const { ${NAMES} } = require('${PACKAGE}');\n${TURN}\n(async () => {\n${body}\n})();`,
      };
}
