import { channel } from 'node:diagnostics_channel';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import * as undici from 'undici';
import { PrototypeTaps, tapInstance } from '../../src/attempt/tap.js';
import { type Recording, startRecording } from '../support/recording.js';
import { record } from './record.js';

const TAPPED = ['onBodySent', 'onData'] as const;

/** The prototypes of undici's requests, one per copy, as passed to `create`. */
async function prototypesOf(call: () => Promise<unknown>): Promise<object[]> {
  const seen = new Set<object>();
  const look = (message: unknown) =>
    seen.add(Object.getPrototypeOf((message as { request: object }).request));
  const create = channel('undici:request:create');
  create.subscribe(look);
  await call();
  create.unsubscribe(look);
  return [...seen];
}

const descriptorsOf = (prototype: object) =>
  TAPPED.map((name) => Object.getOwnPropertyDescriptor(prototype, name));

describe('over the wire', () => {
  const PIECES = ['data: one\n\n', 'data: two\n\n', 'data: three\n\n'];
  const ANSWER = [...PIECES, 'data: [DONE]\n\n'].join('');
  const viaNode = (url: string) => fetch(url, { method: 'POST', body: 'question' }).then((r) => r.text());
  const viaNpm = (url: string) =>
    undici.fetch(url, { method: 'POST', body: 'question' }).then((r) => r.text());

  let recording: Recording;
  beforeEach(async () => {
    recording = await startRecording();
    recording.provider.reply({ type: 'sse', events: PIECES, delayMillis: 1 });
  });
  afterEach(() => recording.stop());

  const whole = {
    requestBody: 'question',
    responseBody: ANSWER,
    event: {
      attributes: {
        'chatdebug.attempt.response_body_size': ANSWER.length,
        'chatdebug.attempt.request_body_size': 8,
      },
    },
  };

  test("Node's own undici: tapped while needed, restored by shutdown", async () => {
    const { url } = recording.provider;
    const [prototype, ...others] = await prototypesOf(() => viaNode(url));
    if (prototype === undefined) throw new Error('no request was made');
    expect(others).toEqual([]);
    const before = descriptorsOf(prototype);
    const { attempt } = await record(recording, () => viaNode(url));
    expect(attempt).toMatchObject(whole);
    const publishes = Number(process.versions['undici']?.split('.')[0]) >= 7;
    if (!publishes) expect(descriptorsOf(prototype)).not.toEqual(before);
    await recording.stop();
    expect(descriptorsOf(prototype)).toEqual(before);
  });

  test('shutdown removes every subscriber', async () => {
    const watched = [
      'create',
      'headers',
      'bodySent',
      'bodyChunkSent',
      'bodyChunkReceived',
      'trailers',
      'error',
    ];
    const subscribed = () => watched.map((event) => channel(`undici:request:${event}`).hasSubscribers);
    expect(subscribed()).toEqual(watched.map(() => true));
    await recording.stop();
    expect(subscribed()).toEqual(watched.map(() => false));
  });

  test("npm's undici publishes its chunks: the tap is removed after the first, and each counts once", async () => {
    const { url } = recording.provider;
    const [prototype] = await prototypesOf(() => viaNpm(url));
    if (prototype === undefined) throw new Error('no request was made');
    const before = descriptorsOf(prototype);
    for (let round = 0; round < 3; round++) {
      const { attempt } = await record(recording, () => viaNpm(url));
      expect(attempt).toMatchObject(whole);
      expect(descriptorsOf(prototype)).toEqual(before);
    }
  });

  test('several copies at once, many requests at once', async () => {
    const { url } = recording.provider;
    const calls = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? viaNode : viaNpm));
    const recorded = await record(recording, () => Promise.all(calls.map((call) => call(url))));
    expect(recorded.outcome).toEqual({ value: calls.map(() => ANSWER) });
    expect(recorded.step.attempts).toHaveLength(10);
    for (const attempt of recorded.step.attempts) expect(attempt).toMatchObject(whole);
  });

  test('a request that began before shutdown continues', async () => {
    const { url } = recording.provider;
    const response = await fetch(url);
    await recording.handle.shutdown();
    expect(await response.text()).toBe(ANSWER);
  });
});

describe('on a prototype', () => {
  class Request {
    readonly got: unknown[] = [];
    onData(chunk: unknown): boolean {
      this.got.push(chunk);
      return chunk !== 'pause';
    }
    onBodySent(chunk: unknown): unknown {
      return chunk;
    }
  }
  const fresh = () =>
    class extends Request {
      override onData(chunk: unknown): boolean {
        return super.onData(chunk);
      }
      override onBodySent(chunk: unknown): unknown {
        return super.onBodySent(chunk);
      }
    };
  const watch = () => {
    const seen: unknown[] = [];
    const taps = new PrototypeTaps({
      sent: (_, chunk) => seen.push(['sent', chunk]),
      received: (_, chunk) => seen.push(['received', chunk]),
    });
    return { seen, taps };
  };

  test('arguments and results are unchanged', () => {
    const { seen, taps } = watch();
    const request = new (fresh())();
    taps.add(request);
    taps.add(request);
    expect([request.onData('a'), request.onData('pause'), request.onBodySent('b')]).toEqual([
      true,
      false,
      'b',
    ]);
    expect(request.got).toEqual(['a', 'pause']);
    expect(seen).toEqual([
      ['received', 'a'],
      ['received', 'pause'],
      ['sent', 'b'],
    ]);
  });

  test('a removed tap restores the prototype, and one that publishes is not tapped again', () => {
    const { seen, taps } = watch();
    const Tapped = fresh();
    const before = descriptorsOf(Tapped.prototype);
    const request = new Tapped();
    taps.add(request);
    taps.remove(request);
    expect(descriptorsOf(Tapped.prototype)).toEqual(before);
    taps.add(request);
    expect(descriptorsOf(Tapped.prototype)).toEqual(before);
    request.onData('a');
    expect(seen).toEqual([]);
  });

  test('a later wrapper stays, and the tap below it is silent', () => {
    const { seen, taps } = watch();
    const Tapped = fresh();
    const request = new Tapped();
    taps.add(request);
    const ours = Tapped.prototype.onData;
    const theirs = function (this: Request, chunk: unknown): boolean {
      return ours.call(this, `${chunk}!`);
    };
    Tapped.prototype.onData = theirs;
    taps.removeAll();
    expect(Tapped.prototype.onData).toBe(theirs);
    request.onData('a');
    expect([request.got, seen]).toEqual([['a!'], []]);
  });

  test('an observer that throws is reported and changes nothing', () => {
    const told: unknown[] = [];
    const tell = (...args: unknown[]) => void told.push(...args);
    const logger = { error: tell, warn: tell, info: tell, debug: tell, verbose: tell };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    const fail = () => {
      throw new Error('observed');
    };
    const request = new (fresh())();
    new PrototypeTaps({ sent: fail, received: fail }).add(request);
    expect([request.onData('pause'), request.onBodySent('b')]).toEqual([false, 'b']);
    diag.disable();
    expect(told.join(' ')).toContain('a body could not be recorded in full');
  });

  test('a request without these methods or without a prototype stays unchanged', () => {
    const { taps } = watch();
    const bare = Object.create(null);
    const Frozen = fresh();
    Object.freeze(Frozen.prototype);
    expect(() => {
      taps.add(bare);
      taps.add({});
      taps.add(new Frozen());
      taps.removeAll();
    }).not.toThrow();
    expect(Object.hasOwn(Object.prototype, 'onData')).toBe(false);
  });
});

describe('a tap of one object', () => {
  class Parent {
    say(...words: string[]): string {
      return `${words.join(' ')} ${this.constructor.name}`;
    }
  }
  class Child extends Parent {}
  const tapped = (instance: object) => {
    const seen: unknown[] = [];
    const undo = tapInstance(instance, 'say', (args) => seen.push(...args));
    return { seen, undo };
  };

  test('observes, is not enumerable, and can be removed', () => {
    const child = new Child();
    const { seen, undo } = tapped(child);
    expect(child.say('a', 'b')).toBe('a b Child');
    expect([seen, Object.keys(child), child.say.name, child.say.length]).toEqual([['a', 'b'], [], 'say', 0]);
    undo();
    expect(Object.hasOwn(child, 'say')).toBe(false);
    expect(child.say('c')).toBe('c Child');
    expect(seen).toEqual(['a', 'b']);
  });

  test('calls methods that are assigned to the prototype later', () => {
    const child = new Child();
    const { seen, undo } = tapped(child);
    Child.prototype.say = (word) => `patched ${word}`;
    expect(child.say('a')).toBe('patched a');
    Reflect.deleteProperty(Child.prototype, 'say');
    expect(child.say('b')).toBe('b Child');
    expect(seen).toEqual(['a', 'b']);
    undo();
  });

  test("restores the object's own method", () => {
    const child = new Child();
    child.say = (word) => `own ${word}`;
    const before = Object.getOwnPropertyDescriptor(child, 'say');
    const { seen, undo } = tapped(child);
    expect([child.say('a'), seen, Object.keys(child)]).toEqual(['own a', ['a'], ['say']]);
    undo();
    expect(Object.getOwnPropertyDescriptor(child, 'say')).toEqual(before);
  });

  test('keeps a method that was assigned later', () => {
    const child = new Child();
    const { seen, undo } = tapped(child);
    const { say } = child;
    child.say = (word) => `top ${Reflect.apply(say, child, [word])}`;
    expect([child.say('a'), seen]).toEqual(['top a Child', ['a']]);
    undo();
    expect([child.say('b'), seen]).toEqual(['top b Child', ['a']]);
  });

  test('does not observe objects that inherit it', () => {
    const child = new Child();
    const { seen, undo } = tapped(child);
    const other: Child = Object.create(child);
    expect([other.say('a'), seen]).toEqual(['a Child', []]);
    undo();
  });

  test.each([
    ['frozen', Object.freeze(new Child())],
    ['without the method', {}],
    ['with a fixed one', Object.defineProperty({}, 'say', { value: () => 'fixed' })],
  ])('does not tap an object that is %s', (_, object) => {
    const before = Object.getOwnPropertyDescriptors(object);
    tapped(object).undo();
    expect(Object.getOwnPropertyDescriptors(object)).toEqual(before);
  });

  test('an observer that throws is ignored', () => {
    const child = new Child();
    const undo = tapInstance(child, 'say', () => {
      throw new Error('ours');
    });
    expect(child.say('a')).toBe('a Child');
    undo();
  });
});
