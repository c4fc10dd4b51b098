import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataChannel } from '#protocol/data-channel.ts';
import { type Fate, type LinkedEnd, LinkedPair } from '#test/fakes/fake-link.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { StreamEnd } from './stream-end.ts';

const START = 1_735_689_600_123;
/** A link with far more losses than any network, which then recovers. */
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 4, arbitrary: fc.tuple(fc.integer({ min: 0, max: 700 })) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 3 }) },
);
const fates = fc.array(fate, { maxLength: 150, size: 'max' });
const bytes = fc.uint8Array({ maxLength: 4000, size: 'max' });
const outputs = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), {
  minLength: 1,
  maxLength: 50,
  size: 'max',
});

describe('a client and an agent over a link that loses, repeats, delays and reorders', () => {
  it('exchange complete input and output in order', () => {
    fc.assert(
      fc.property(bytes, outputs, fates, fates, (input, output, aToB, bToA) => {
        const client = new LinkedClient(input);
        const agent = newAgent();
        const pair = new LinkedPair({ a: client, b: agent }, { aToB, bToA }, START);
        client.open(START);
        for (const payload of output) agent.send(payload, START);
        pair.run(() => agent.isIdle && client.isIdle && client.nextDeadline() === undefined);
        expect(client.failures).toEqual([]);
        expect(hex(client.output)).toBe(hex(output));
        expect(hex(inputOf(agent))).toBe(hex([input]));
      }),
      { seed: 1, numRuns: rounds(150) },
    );
  });

  it('send input to a command that prints nothing, after the size of the terminal (S-1, S-2)', () => {
    fc.assert(
      fc.property(bytes, fates, fates, (input, aToB, bToA) => {
        const client = new LinkedClient(input);
        const agent = newAgent();
        const pair = new LinkedPair({ a: client, b: agent }, { aToB, bToA }, START);
        client.open(START);
        pair.run(() => client.isIdle && client.nextDeadline() === undefined);
        const types = agent.delivered.map(({ payloadType }) => payloadType);
        expect(types.slice(0, 2)).toEqual([3, 3]);
        expect(types.slice(2).every((type) => type === 1)).toBe(true);
        expect(hex(inputOf(agent))).toBe(hex([input]));
      }),
      { seed: 2, numRuns: rounds(100) },
    );
  });
});

/** A data channel with a user who has all input ready and respects `hasInputRoom`. */
class LinkedClient implements LinkedEnd {
  readonly output: Uint8Array[] = [];
  readonly failures: unknown[] = [];
  readonly #channel = new DataChannel({
    token: 'token',
    size: { cols: 80, rows: 24 },
    requiresEncryption: false,
  });
  #input: Uint8Array;

  constructor(input: Uint8Array) {
    this.#input = input;
  }

  get isIdle(): boolean {
    return this.#input.length === 0 && this.#channel.hasInputRoom;
  }

  open(now: number): void {
    this.#channel.open(now);
  }

  receive(frame: Uint8Array, now: number): void {
    this.#handle(this.#channel.receive(frame, now), now);
  }

  tick(now: number): void {
    this.#handle(this.#channel.tick(now), now);
  }

  takeOutgoing(): readonly Uint8Array[] {
    return this.#channel.takeOutgoing();
  }

  nextDeadline(): number | undefined {
    return this.#channel.nextDeadline();
  }

  #handle(events: ReturnType<DataChannel['receive']>, now: number): void {
    for (const event of events) {
      if (event.type === 'output') this.output.push(event.data);
      if (event.type === 'failed' || event.type === 'ignored') this.failures.push(event);
    }
    while (this.#input.length > 0 && this.#channel.hasInputRoom) {
      this.#channel.sendInput(this.#input.subarray(0, 100), now);
      this.#input = this.#input.subarray(100);
    }
  }
}

function newAgent(): StreamEnd {
  return new StreamEnd({
    sends: 'output_stream_data',
    window: { least: 100_000, most: 100_000 },
    capacity: 100_000,
    backOff: false,
  });
}

function inputOf(agent: StreamEnd): readonly Uint8Array[] {
  return agent.delivered
    .filter(({ payloadType }) => payloadType === 1)
    .map(({ payload }) => payload);
}

function hex(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('hex');
}
