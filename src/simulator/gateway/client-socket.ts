import type { WebSocket } from 'ws';
import type { Clock } from '#domain/ports/system-ports.ts';

/** Watermarks of bytes queued for a slow client: the agent pauses above the first, resumes below the second. */
const CONGESTED_BYTES = 256 * 1024;
const WRITABLE_BYTES = 64 * 1024;
const HOLD_POLL_MS = 20;

/** The client's socket, with flow control in both directions like TCP's. */
export class ClientSocket {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #isFrozen = false;

  constructor(socket: WebSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on('close', () => this.#release());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** False if the frame is lost. */
  send(frame: Uint8Array): boolean {
    if (!this.isOpen || this.#isFrozen) return false;
    this.#socket.send(frame, { binary: true }, () => {
      if (this.#socket.bufferedAmount <= WRITABLE_BYTES) this.#release();
    });
    return true;
  }

  /** Resolves when the client has read most of the sent data (S-6). */
  whenWritable(): Promise<void> {
    if (!this.isOpen || this.#socket.bufferedAmount < CONGESTED_BYTES) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Stops reading until the condition holds: a blocked agent eventually blocks its client (S-11). */
  holdUntil(condition: () => boolean): void {
    if (this.#socket.isPaused) return;
    this.#socket.pause();
    const look = () => {
      if (this.#isFrozen || !this.isOpen) return;
      if (condition()) this.#socket.resume();
      else this.#clock.after(HOLD_POLL_MS, look);
    };
    this.#clock.after(HOLD_POLL_MS, look);
  }

  /** Keeps the socket open but stops reading and writing, pongs included (W-3). */
  freeze(): void {
    this.#isFrozen = true;
    this.#socket.pause();
  }

  close(code: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  closeAfter(milliseconds: number): void {
    const cancel = this.#clock.after(milliseconds, () => this.#socket.close(1000));
    this.#socket.on('close', cancel);
  }

  /** Disconnects without a closing handshake. */
  terminateAfter(milliseconds: number): void {
    const cancel = this.#clock.after(milliseconds, () => this.#socket.terminate());
    this.#socket.on('close', cancel);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
