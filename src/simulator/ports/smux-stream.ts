/** The session of a stream, as the stream sees it. */
export interface SmuxStreamOwner {
  /** Settles when the frames are on their way. @throws when the session is over */
  send(stream: SmuxStream, data: Buffer): Promise<void>;
  sendFin(stream: SmuxStream): void;
  /** Gives room in the receive pool back. */
  release(bytes: number): void;
  /** Nothing more will come. */
  readonly isOver: boolean;
}

/** One connection in a multiplexed session, at the end that did not open it. */
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

  /** A PSH frame has come. */
  push(data: Buffer): void {
    this.#received.push(data);
    this.#wakeUp();
  }

  /** A FIN frame has come: what came before it is still read. */
  finish(): void {
    this.#isFinished = true;
    this.#wakeUp();
  }

  /** Hands out what comes until the end; data stays in the receive pool until it is taken. */
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

  /** @throws when the stream or the session is closed */
  async write(data: Buffer): Promise<void> {
    if (this.#isClosed) throw new Error(`stream ${this.id} is closed`);
    await this.#session.send(this, data);
  }

  /** Both directions at once: what has come and was not read is gone (PROTOCOL 7.3). */
  close(): void {
    if (this.#isClosed) return;
    this.abandon();
    this.#session.sendFin(this);
    const unread = this.#received.splice(0).reduce((sum, { length }) => sum + length, 0);
    this.#session.release(unread);
  }

  /** Ends the stream without a frame: the session is over. */
  abandon(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  /** Wakes waiting readers and writers to check whether the session is over. */
  wake(): void {
    this.#wakeUp();
  }
}
