/** S-12. */
const GAP_LIMIT_MS = 60_000;

/** The state of the messages that have arrived. */
export interface ArrivalState {
  /** Later messages wait for a missing one. */
  readonly hasGap: boolean;
  readonly expectedSequenceNumber: number;
}

/** How long a message has been missing while later ones are there, for each missing one by itself. */
export class GapWatch {
  #gap: { readonly missing: number; readonly deadline: number } | undefined;

  /** When the gap is a loss; undefined without one. */
  get deadline(): number | undefined {
    return this.#gap?.deadline;
  }

  look({ hasGap, expectedSequenceNumber: missing }: ArrivalState, now: number): void {
    if (!hasGap) this.#gap = undefined;
    else if (this.#gap?.missing !== missing) this.#gap = { missing, deadline: now + GAP_LIMIT_MS };
  }

  /** A peer that cannot be heard has lost nothing. */
  stop(): void {
    this.#gap = undefined;
  }
}
