/** The agent's side of its data channel socket; the gateway implements it. */
export interface AgentLink {
  /** False when the socket is broken and the frame is lost. */
  send(frame: Uint8Array): boolean;
  /** Settles when the socket takes more: a client that stops reading slows the agent down (S-6). */
  whenWritable(): Promise<void>;
  /** No further frame is wanted or sent. */
  close(): void;
}

/** What the gateway needs of the agent's end. */
export interface AgentReceiver {
  receive(frame: Uint8Array): void;
}

/**
 * Milliseconds that the agent takes for its steps. The defaults are its constants, or what was
 * measured with the real agent on one machine.
 */
export interface AgentTimings {
  /** From ExecuteCommand until the session worker opens its data channel. */
  readonly startMs: number;
  /** Between that and the decision against a handshake: input is acknowledged and discarded (4.3). */
  readonly discardMs: number;
  /** Between that and the open pseudo-terminal: input is refused without a word (4.4). */
  readonly ptyOpenMs: number;
  /** Before the first read of output (8.6 item 1). */
  readonly outputDelayMs: number;
  /** After each read of output (8.6 item 2). */
  readonly paceMs: number;
  /** Each of the two waits for acknowledgements at the end (4.8). */
  readonly drainMs: number;
  /** Before a command that cannot start is reported. */
  readonly startFailureMs: number;
  /** Until a crashed session worker is noticed: the supervisor's message timeout. */
  readonly crashReportMs: number;
  /** For the handshake, and again for the encryption challenge (4.3). */
  readonly handshakeMs: number;
  /** Between two looks at unacknowledged messages (4.5). */
  readonly resendTickMs: number;
}

export const DEFAULT_TIMINGS: AgentTimings = {
  startMs: 25,
  discardMs: 1,
  ptyOpenMs: 2,
  outputDelayMs: 1000,
  paceMs: 1,
  drainMs: 2000,
  startFailureMs: 2000,
  crashReportMs: 60_000,
  handshakeMs: 15_000,
  resendTickMs: 100,
};
