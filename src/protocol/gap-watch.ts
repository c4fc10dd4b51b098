/** S-12. */
const GAP_LIMIT_MS = 60_000;

/** The state of the messages that have arrived. */
export interface ArrivalState {
  /** Later messages wait for a missing one. */
  readonly hasGap: boolean;
  readonly expectedSequenceNumber: number;
}

/** Measures how long each message has been missing while later ones have arrived. */
export class GapWatch {
  #gap: { readonly missing: number; readonly deadline: number } | undefined;

  /** When the gap counts as a loss; undefined without a gap. */
  get deadline(): number | undefined {
    return this.#gap?.deadline;
  }

  look({ hasGap, expectedSequenceNumber: missing }: ArrivalState, now: number): void {
    if (!hasGap) this.#gap = undefined;
    else if (this.#gap?.missing !== missing) this.#gap = { missing, deadline: now + GAP_LIMIT_MS };
  }

  /** While we cannot receive, nothing counts as missing. */
  stop(): void {
    this.#gap = undefined;
  }
}
