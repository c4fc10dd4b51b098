/** The part of a session that its streams use. */
export interface SmuxStreamOwner {
  /** Resolves when the frames are on their way. @throws if the session is over */
  send(stream: SmuxStream, data: Buffer): Promise<void>;
  sendFin(stream: SmuxStream): void;
  /** Frees space in the receive pool. */
  release(bytes: number): void;
  /** No more frames will arrive. */
  readonly isOver: boolean;
}

/** One connection in a multiplexed session, on the side that did not open it. */
export class SmuxStream {
  readonly id: number;
  readonly #session: SmuxStreamOwner;
  readonly #received: Buffer[] = [];
  #isFinished = false;
  #isClosed = false;
  #wakeUp: () => void = () => undefined;

  constructor(id: number, session: SmuxStreamOwner) {
    this.id = id;
    this.#session = session;
  }

  /** Handles a PSH frame. */
  push(data: Buffer): void {
    this.#received.push(data);
    this.#wakeUp();
  }

  /** Handles a FIN frame: earlier data can still be read. */
  finish(): void {
    this.#isFinished = true;
    this.#wakeUp();
  }

  /** Passes data on until the end; it stays in the receive pool until it is consumed. */
  async copyTo(take: (data: Buffer) => Promise<void>): Promise<void> {
    for (;;) {
      const data = this.#received.shift();
      if (data === undefined) {
        if (this.#isFinished || this.#isClosed || this.#session.isOver) return;
        await new Promise<void>((resolve) => {
          this.#wakeUp = resolve;
        });
        continue;
      }
      try {
        await take(data);
      } finally {
        this.#session.release(data.length);
      }
    }
  }

  /** @throws if the stream or the session is closed */
  async write(data: Buffer): Promise<void> {
    if (this.#isClosed) throw new Error(`stream ${this.id} is closed`);
    await this.#session.send(this, data);
  }

  /** Closes both directions at once, and discards unread data (PROTOCOL 7.3). */
  close(): void {
    if (this.#isClosed) return;
    this.abandon();
    this.#session.sendFin(this);
    const unread = this.#received.splice(0).reduce((sum, { length }) => sum + length, 0);
    this.#session.release(unread);
  }

  /** Ends the stream without a frame, because the session is over. */
  abandon(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  /** Wakes waiting readers and writers to check whether the session is over. */
  wake(): void {
    this.#wakeUp();
  }
}
