import { describe, expect, it } from 'vitest';
import type { DispatcherEvent } from '#envelope/dispatched-command.ts';
import { Dispatcher } from '#envelope/dispatcher.ts';
import { FakeDispatcher } from '#test/fakes/fake-dispatcher.ts';
import { Random } from '#test/helpers/random.ts';
import { rounds } from '#test/helpers/rounds.ts';

const NONCE = '0123456789abcdef';
const REQUEST = {
  environment: {},
  directory: undefined,
  user: undefined,
  hasStdin: false,
  isBulk: false,
  mergesStderr: false,
  isLogged: false,
};

/** A client and a container. A seed decides how messages travel between them. */
class Pair {
  readonly dispatcher = new Dispatcher(NONCE);
  readonly far: FakeDispatcher;
  readonly statuses = new Map<number, number>();
  readonly ended: number[] = [];
  readonly others: DispatcherEvent[] = [];
  readonly #output = new Map<number, Buffer[]>();
  readonly #random: Random;
  readonly #doubles: boolean;

  constructor(random: Random, doubles: boolean) {
    this.far = new FakeDispatcher(NONCE, random);
    this.#random = random;
    this.#doubles = doubles;
  }

  /** Runs until nothing changes any more. */
  settle(): void {
    for (;;) {
      const hasSent = this.#send();
      const text = Buffer.from(this.far.next(), 'latin1');
      if (!hasSent && text.length === 0) return;
      for (let at = 0; at < text.length; ) {
        const size = 1 + this.#random.below(1_500);
        this.#receive(text.subarray(at, at + size));
        at += size;
      }
    }
  }

  outputOf(id: number): Buffer {
    return Buffer.concat(this.#output.get(id) ?? []);
  }

  #send(): boolean {
    const messages = this.dispatcher.takeMessages();
    for (const message of messages) {
      this.far.receive(message);
      // PROTOCOL S-8a: writes the message again before the next one.
      if (this.#doubles && this.#random.below(3) === 0) this.far.receive(message);
    }
    return messages.length > 0;
  }

  #receive(chunk: Uint8Array): void {
    for (const event of this.dispatcher.receive(chunk)) {
      if (event.type === 'data') {
        const before = this.#output.get(event.id) ?? [];
        this.#output.set(event.id, [...before, Buffer.from(event.data)]);
      } else if (event.type === 'status') this.statuses.set(event.id, event.status);
      else if (event.type === 'ended') this.ended.push(event.id);
      else if (event.type !== 'started' && event.type !== 'room') this.others.push(event);
    }
  }
}

describe('many commands in one session', () => {
  it.each(Array.from({ length: rounds(40) }, (_, seed) => seed))(
    'are exact for any split, interleaving and repetition (seed %i)',
    (seed) => {
      const random = new Random(seed);
      const pair = new Pair(random, seed % 2 === 1);
      pair.settle();
      expect(pair.others).toEqual([
        { type: 'ready', features: { output: 'base64', input: 'base64', hasOwnSession: true } },
      ]);
      const wanted = Array.from({ length: 1 + random.below(6) }, () => start(pair, random));
      pair.settle();
      for (const { id, status, data } of wanted) {
        expect([id, pair.statuses.get(id)]).toEqual([id, status]);
        expect(pair.outputOf(id).equals(data)).toBe(true);
      }
      expect(pair.ended.toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
      expect([pair.others.length, pair.far.run.length]).toEqual([1, wanted.length]);
    },
  );

  /** A command and its expected result. */
  function start(pair: Pair, random: Random) {
    const { dispatcher } = pair;
    const status = random.below(256);
    const size = random.below(random.pick([1, 2_000, 90_000, 300_000]));
    if (random.below(2) === 0) {
      const argv = ['print', 'xyz', `${size}`, `${status}`];
      return { id: dispatcher.run({ ...REQUEST, argv }), status, data: Buffer.alloc(size, 'xyz') };
    }
    const id = dispatcher.run({ ...REQUEST, argv: ['cat', `${status}`], hasStdin: true });
    const data = Buffer.from(Array.from({ length: size }, () => random.below(256)));
    for (let at = 0; at < size; ) {
      const step = 1 + random.below(70_000);
      dispatcher.write(id, data.subarray(at, at + step));
      at += step;
      if (random.below(2) === 0) pair.settle();
    }
    dispatcher.endInput(id);
    return { id, status, data };
  }
});

describe('a command whose output is not read', () => {
  it('gets credit for its share, and for the rest when its output is read', () => {
    const pair = new Pair(new Random(1), false);
    pair.settle();
    const id = pair.dispatcher.run({ ...REQUEST, argv: ['print', 'a', '1000000', '0'] });
    pair.dispatcher.hold(id, 'stdout');
    pair.settle();
    expect(pair.outputOf(id).length).toBeLessThan(66_000);
    pair.dispatcher.release(id, 'stdout');
    pair.settle();
    expect(pair.outputOf(id).equals(Buffer.alloc(1_000_000, 'a'))).toBe(true);
  });
});

describe('a download', () => {
  it('has little data in transit after another command has started, and soon as much as before', () => {
    const dispatcher = new Dispatcher(NONCE);
    const read = (text: string) => dispatcher.receive(Buffer.from(text));
    const grants = () =>
      [
        ...dispatcher
          .takeMessages()
          .join('')
          .matchAll(/ C60 (\d+)\n/g),
      ].map(([, n]) => Number(n));
    read(`${NONCE} tbbgmp\n`);
    dispatcher.run({ ...REQUEST, argv: ['cat', 'large'] });
    read('q11 50\nq21 51\np1 42 41\nw11 60\n');
    expect(grants()).toEqual([131_072]);
    dispatcher.run({ ...REQUEST, argv: ['true'] });
    const text = 'A'.repeat(4_000);
    for (let index = 0; index < 65; index += 1) read(`11:${index} ${text}\n`);
    expect(grants()).toEqual([11_776, 12_000, 12_000, 12_000, 12_000, 12_000]);
    read(`11:65 ${text}\n`);
    expect(grants()).toEqual([192_224]);
  });
});

describe('signals', () => {
  it('reach a command that has started, once each', () => {
    const pair = new Pair(new Random(3), true);
    pair.settle();
    const id = pair.dispatcher.run({ ...REQUEST, argv: ['wait'] });
    expect(pair.dispatcher.signal(id, 'SIGTERM')).toBe(false);
    pair.settle();
    expect(pair.dispatcher.signal(id, 'SIGTERM')).toBe(true);
    pair.settle();
    expect([pair.far.signals, pair.statuses.get(id)]).toEqual([['TERM'], 143]);
  });
});

describe('a line', () => {
  /** A session with one command, for which the test writes the lines. */
  function open() {
    const dispatcher = new Dispatcher(NONCE);
    const read = (text: string) => dispatcher.receive(Buffer.from(text));
    read(`${NONCE} tbbgmp\n`);
    const id = dispatcher.run({ ...REQUEST, argv: ['true'], hasStdin: true });
    dispatcher.takeMessages();
    return { dispatcher, read, id };
  }

  it('is not hidden by a preceding mark whose pump has ended', () => {
    const { read, id } = open();
    read('p1 42 41\ne11\ne21\n');
    expect(read(`\u0001${NONCE}\u0002x1 12\n`)).toEqual([
      { type: 'status', id, status: 12 },
      { type: 'ended', id },
    ]);
  });

  it('is reported if output is missing', () => {
    const { read, id } = open();
    read('p1 42 41\n11:0 YQ==\n');
    expect(read('11:2 YQ==\n')).toEqual([{ type: 'fault', id, fault: 'output-damaged' }]);
  });

  it('with a status before the start of the command is a fault', () => {
    const { read, id } = open();
    expect(read('x1 2\n')).toEqual([
      { type: 'fault', id, fault: 'not-started' },
      { type: 'status', id, status: 2 },
    ]);
  });

  it('with a status is not a fault if the directory is missing', () => {
    const { read, id } = open();
    expect(read('n1\nx1 126\n')).toEqual([{ type: 'status', id, status: 126 }]);
  });

  it('names a variable that cannot be set', () => {
    const { read, id } = open();
    expect(read('v1 UID\n')).toEqual([{ type: 'variable-readonly', id, name: 'UID' }]);
  });

  it('is skipped if it is an echo, a line of the log, or belongs to another command', () => {
    const { read } = open();
    expect(read('1 Atrue\n# ecsh: true\nx9 0\n19:0 YQ==\nzzz\n\n')).toEqual([]);
  });

  it('from a stdin reader of a forgotten command is answered with the end of stdin', () => {
    const { dispatcher, read, id } = open();
    dispatcher.forget(id);
    read('i1 77\n');
    expect(dispatcher.takeMessages().join('')).toMatch(/^\d+ D77 1:0 \.\n$/);
  });

  it('from a command that starts after it was cancelled is answered with SIGKILL', () => {
    const dispatcher = new Dispatcher(NONCE);
    const read = (text: string) => dispatcher.receive(Buffer.from(text));
    read(`${NONCE} tbbgmp\n`);
    dispatcher.forget(dispatcher.run({ ...REQUEST, argv: ['sleep', '99'] }));
    dispatcher.takeMessages();
    expect(read('p1 42 41\n')).toEqual([]);
    expect(dispatcher.takeMessages().join('')).toMatch(/^\d+ KKILL 42\n$/);
  });

  it('that confirms the last of much stdin ends its first pipe, even if the command was forgotten', () => {
    const dispatcher = new Dispatcher(NONCE);
    const read = (text: string) => dispatcher.receive(Buffer.from(text));
    read(`${NONCE} tbbgmp\n`);
    const id = dispatcher.run({ ...REQUEST, argv: ['true'], hasStdin: true, isBulk: true });
    read('i1 77\n');
    dispatcher.takeMessages();
    dispatcher.write(id, Buffer.alloc(1_000));
    dispatcher.endInput(id);
    dispatcher.forget(id);
    const sent = dispatcher.takeMessages().join('');
    expect(sent.match(/ [A-Z]\d+ /g)).toEqual([' D77 ', ' D77 ', ' D77 ']);
    const lines = sent.split('\n').filter((line) => line.includes(' D77 '));
    read(`a1 ${lines.join('\n').length + 1}\n`);
    expect(dispatcher.takeMessages().join('')).toMatch(/^\d+ X77\n$/);
  });

  it('may contain the mark of a requested end; later output is not awaited', () => {
    const { dispatcher, read, id } = open();
    read('q11 50\nq21 51\np1 42 41\n11:0 YWI=\nx1 0\n');
    dispatcher.takeMessages();
    dispatcher.markEnd(id);
    expect(dispatcher.takeMessages().join('')).toMatch(/^\d+ M50\n\d+ M51\n$/);
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const mark = `\u0001${NONCE}\u0002`;
    expect(read(`21:0 ${base64(mark)}\n11:1 ${base64(`c${mark}`)}\n`)).toEqual([
      { type: 'data', id, stream: 'stdout', data: Buffer.from('c') },
      { type: 'ended', id },
    ]);
    dispatcher.forget(id);
    expect(dispatcher.takeMessages().join('')).toMatch(/ F41\n$/);
  });

  it('from a pump that starts after the end was requested is answered with the mark', () => {
    const { dispatcher, read, id } = open();
    read('q11 50\np1 42 41\nx1 0\n');
    dispatcher.takeMessages();
    dispatcher.markEnd(id);
    read('e11\nq21 51\n');
    expect(dispatcher.takeMessages().join('')).toMatch(/^\d+ M50\n\d+ M51\n$/);
    const mark = Buffer.from(`\u0001${NONCE}\u0002`).toString('base64');
    expect(read(`21:0 ${mark}\n`)).toEqual([{ type: 'ended', id }]);
  });
});
