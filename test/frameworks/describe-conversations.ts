import type { Enough } from '../support/otlp-receiver.js';
import { buildTree, type RunTree } from '../support/tree.js';
import { ANSWER } from './chat-provider.js';
import { type ChatServer, type Conversations, converse } from './conversations.js';

interface Expected {
  /** The number of model calls of a response. */
  readonly calls: 1 | 2;
  /** Runs arrive while the server runs, not only at its end. */
  readonly flushes: boolean;
  /** Runs in errors mode, with the server. */
  readonly besides?: (url: string) => Promise<void>;
}

/** Tests of the conversations with a chat server, in full capture and by default. */
export function describeConversations(server: () => ChatServer, expected: Expected): void {
  const answer = Array.from({ length: expected.calls }, (_, index) => ({
    number: index + 1,
    operation: 'stream',
    status: 'completed',
    provider: 'openai',
    model: 'gpt-5-mini',
    attempts: [{ status: 'completed', statusCode: 200, path: '/v1/chat/completions' }],
  }));
  const inside = (kind: string, chatId: string) => ({
    ...{ kind, chatId, status: 'completed' },
    steps: [{ number: 1, operation: 'generate', status: 'completed' }],
  });
  const FAILED = {
    ...{
      kind: 'chat_turn',
      chatId: 'failed',
      status: 'error',
      error: { kind: 'generic', providerStatus: 500 },
    },
    steps: [{ number: 1, status: 'error', attempts: [{ number: 1 }, { number: 2 }, { number: 3 }] }],
  };

  describe('full capture', () => {
    let conversations: Conversations;
    const turns = (chatId: string): RunTree[] => conversations.runs.filter((run) => run.chatId === chatId);
    beforeAll(async () => {
      const env = { CHATDEBUG_CAPTURE: 'full' };
      conversations = await converse(server(), expected.flushes ? { env, delivers: allHaveEnded } : { env });
    });

    test('the client gets its responses, and the server is not affected', () => {
      expect(conversations.answers).toEqual({ first: ANSWER, long: ANSWER, failed: '[An error occurred.]' });
      expect(conversations.stderr).toBe('no answer: Failed after 3 attempts. Last error: Odd\n');
    });

    test('a turn is a run with its steps in order, and a nested title that ends later', () => {
      const title = inside('title_generation', 'first');
      const [turn, ...others] = turns('first');
      expect(turn).toMatchObject({
        ...{ kind: 'chat_turn', status: 'completed', steps: answer, children: [title] },
      });
      expect(others).toEqual([]);
      expect(turn?.children[0]?.span?.endTimeUnixNano).toBeGreaterThan(turn?.span?.endTimeUnixNano ?? 0n);
    });

    test('a compaction is a nested run of its own kind, and the turn ends after it', () => {
      const turn = turns('long').at(-1);
      const compaction = inside('compaction', 'long');
      expect(turn).toMatchObject({ kind: 'chat_turn', steps: answer, children: [compaction] });
      expect(turn?.children[0]?.span?.endTimeUnixNano).toBeLessThan(turn?.span?.endTimeUnixNano ?? 0n);
    });

    test('a turn whose client disconnects is interrupted, with its call', () => {
      const steps = [
        { number: 1, status: 'interrupted', attempts: [{ statusCode: 200, status: 'interrupted' }] },
      ];
      expect(turns('left')).toMatchObject([{ kind: 'chat_turn', status: 'interrupted', steps }]);
    });

    test('a turn whose provider fails has the failed call, with all attempts', () => {
      expect(turns('failed')).toMatchObject([FAILED]);
    });
  });

  test('by default only the turn with an unclassified error is kept', async () => {
    const delivers: Enough = (spans) => buildTree(spans).some(({ span }) => span !== undefined);
    const besides = expected.besides === undefined ? {} : { besides: expected.besides };
    const { runs } = await converse(server(), expected.flushes ? { delivers, ...besides } : besides);
    expect(runs).toMatchObject([FAILED]);
    expect(runs[0]?.children).toEqual([]);
  });
}

const allHaveEnded: Enough = (spans) => {
  const runs = buildTree(spans);
  const ended = (run: RunTree): boolean => run.span !== undefined && run.children.every(ended);
  const chats = new Set(runs.filter(ended).map(({ chatId }) => chatId));
  return chats.size === 4;
};
