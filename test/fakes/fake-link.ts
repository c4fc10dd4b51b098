/**
 * The fate of one frame: it arrives once after each of these delays, in milliseconds.
 * No delay is a loss, two are a duplicate; different delays reorder frames.
 */
export type Fate = readonly number[];

interface Flight {
  readonly at: number;
  readonly frame: Uint8Array;
}

/** A one-way link with these fates for its first frames; it delivers all later ones after 1 ms. */
export class FakeLink {
  readonly #fates: Fate[];
  #flights: Flight[] = [];

  constructor(fates: readonly Fate[] = []) {
    this.#fates = [...fates];
  }

  send(frame: Uint8Array, now: number): void {
    for (const delay of this.#fates.shift() ?? [1]) this.#flights.push({ at: now + delay, frame });
  }

  nextArrival(): number | undefined {
    return earliest(this.#flights.map(({ at }) => at));
  }

  /** Returns the frames that have arrived by now, in order of arrival, then of sending. */
  receive(now: number): readonly Uint8Array[] {
    const arrived = this.#flights.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    this.#flights = this.#flights.filter(({ at }) => at > now);
    return arrived.map(({ frame }) => frame);
  }
}

export interface LinkedEnd {
  receive(frame: Uint8Array, now: number): void;
  tick(now: number): void;
  takeOutgoing(): readonly Uint8Array[];
  nextDeadline(): number | undefined;
}

const MAX_STEPS = 100_000;

/** Two ends back to back (the ConnectionPair of h11), with a lossy link each way and manual time. */
export class LinkedPair {
  now: number;
  readonly #a: LinkedEnd;
  readonly #b: LinkedEnd;
  readonly #aToB: FakeLink;
  readonly #bToA: FakeLink;

  constructor(
    ends: { readonly a: LinkedEnd; readonly b: LinkedEnd },
    fates: { readonly aToB: readonly Fate[]; readonly bToA: readonly Fate[] },
    now: number,
  ) {
    this.#a = ends.a;
    this.#b = ends.b;
    this.#aToB = new FakeLink(fates.aToB);
    this.#bToA = new FakeLink(fates.bToA);
    this.now = now;
  }

  /** Advances from event to event until `isDone`, or until no event is left. */
  run(isDone: () => boolean): void {
    for (let steps = 0; !isDone(); steps++) {
      if (steps > MAX_STEPS) throw new Error('the two ends do not come to rest');
      this.#exchange();
      const next = earliest([
        this.#aToB.nextArrival(),
        this.#bToA.nextArrival(),
        this.#a.nextDeadline(),
        this.#b.nextDeadline(),
      ]);
      if (next === undefined) return;
      this.now = Math.max(this.now, next);
      this.#a.tick(this.now);
      this.#b.tick(this.now);
    }
  }

  #exchange(): void {
    for (const frame of this.#a.takeOutgoing()) this.#aToB.send(frame, this.now);
    for (const frame of this.#b.takeOutgoing()) this.#bToA.send(frame, this.now);
    for (const frame of this.#aToB.receive(this.now)) this.#b.receive(frame, this.now);
    for (const frame of this.#bToA.receive(this.now)) this.#a.receive(frame, this.now);
  }
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
