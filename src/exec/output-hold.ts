import type { Clock } from '#domain/ports/system-ports.ts';

/** A brief stall only needs TCP backpressure (ms). */
const HOLD_AFTER_MS = 250;
/** Bytes accepted after XOFF: those already in transit, at a megabyte a second. */
const HELD_LIMIT = 4 * 1024 * 1024;
/** The STOP and START characters of a terminal with `ixon`. */
const XOFF = '\u0013';
const XON = '\u0011';

export interface OutputHoldPorts {
  readonly clock: Clock;
  /** Pauses and resumes the socket (S-6). */
  readonly pause: () => void;
  readonly resume: () => void;
  /** To the terminal in the container. */
  readonly send: (text: string) => void;
  /** The terminal there respects XOFF. */
  readonly hasFlowControl: () => boolean;
}

/**
 * Slows the remote side down for a slow reader. If the socket is not read, its whole path fills up, and the data
 * there is lost with the connection: megabytes, which the agent sends again at ten kilobytes a second
 * (PROTOCOL 4.5). So if a reader stops for longer, ecsh stops the terminal instead, and reads the data in
 * transit.
 */
export class OutputHold {
  readonly #ports: OutputHoldPorts;
  #isHeld = false;
  #isReleased = false;
  #isPaused = false;
  #taken = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(ports: OutputHoldPorts) {
    this.#ports = ports;
  }

  /** The streams of a command become full one after the other. */
  onFull(): void {
    if (this.#isHeld) return;
    this.#cancelTimer();
    this.#pause();
    this.#cancelTimer = this.#ports.clock.after(HOLD_AFTER_MS, () => this.#hold());
  }

  onDrain(): void {
    this.#cancelTimer();
    if (this.#isHeld && !this.#isReleased) this.#ports.send(XON);
    this.#isHeld = this.#isReleased;
    this.#taken = 0;
    this.#resume();
  }

  /**
   * Ends the hold permanently when the command is being stopped, so that its end can arrive.
   * Output is then accepted up to the limit.
   */
  release(): void {
    this.#cancelTimer();
    if (this.#isReleased) return;
    if (this.#isHeld) this.#ports.send(XON);
    this.#isHeld = true;
    this.#isReleased = true;
    this.#taken = 0;
    if (this.#isPaused) this.#resume();
  }

  /** Counts received bytes. */
  note(bytes: number): void {
    if (!this.#isHeld) return;
    this.#taken += bytes;
    if (this.#taken > HELD_LIMIT) this.#pause();
  }

  close(): void {
    this.#cancelTimer();
  }

  #hold(): void {
    if (!this.#ports.hasFlowControl()) return;
    this.#isHeld = true;
    this.#taken = 0;
    this.#ports.send(XOFF);
    this.#resume();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#ports.pause();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#ports.resume();
  }
}
