/** PROTOCOL 4.5: initial values and limits that both Go peers use, in milliseconds. */
const INITIAL_RTT = 100;
const INITIAL_RTO = 200;
const GRANULARITY = 10;
const MAX_RTO = 1000;

/** Estimates the round trip and the retransmission timeout (RFC 6298, weights of 4.5). */
export class RoundTrip {
  #smoothed = INITIAL_RTT;
  #variation = 0;
  #timeout = INITIAL_RTO;

  /** Milliseconds after which an unacknowledged message is sent again. */
  get timeout(): number {
    return this.#timeout;
  }

  /** A clock that is set back must not make the estimate negative. */
  sample(elapsed: number): void {
    const milliseconds = Math.max(0, elapsed);
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - milliseconds);
    this.#smoothed = 0.875 * this.#smoothed + 0.125 * milliseconds;
    this.#timeout = Math.min(MAX_RTO, this.#smoothed + Math.max(GRANULARITY, 4 * this.#variation));
  }

  /** S-9: a missing answer makes us wait longer, not resend more often. */
  backOff(): void {
    this.#timeout = Math.min(MAX_RTO, 2 * this.#timeout);
  }
}
