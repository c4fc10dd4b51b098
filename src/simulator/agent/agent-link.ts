/** The agent's side of its data channel socket; the gateway implements it. */
export interface AgentLink {
  /** False when the socket is broken and the frame is lost. */
  send(frame: Uint8Array): boolean;
  /** Settles when the socket is writable: a client that stops reading slows the agent down (S-6). */
  whenWritable(): Promise<void>;
  /** Closes the link in both directions. */
  close(): void;
}

/** The agent's end, as the gateway sees it. */
export interface AgentReceiver {
  receive(frame: Uint8Array): void;
}

/**
 * Milliseconds that the agent takes for its steps. The defaults are its constants, or what was
 * measured with the real agent on one machine.
 */
export interface AgentTimings {
  /** Time from ExecuteCommand until the session worker opens its data channel. */
  readonly startMs: number;
  /** Then, until the agent decides against a handshake: input is acknowledged and discarded (4.3). */
  readonly discardMs: number;
  /** Then, until the pty is open: input is not acknowledged (4.4). */
  readonly ptyOpenMs: number;
  /** Before the first read of output (8.6 item 1). */
  readonly outputDelayMs: number;
  /** After each read of output (8.6 item 2). */
  readonly paceMs: number;
  /** Each of the two waits for acknowledgements at the end (4.8). */
  readonly drainMs: number;
  /** Before a command that cannot start is reported. */
  readonly startFailureMs: number;
  /** Until the supervisor notices a crashed session worker: its message timeout. */
  readonly crashReportMs: number;
  /** Time limit for the handshake, and again for the encryption challenge (4.3). */
  readonly handshakeMs: number;
  /** Interval between resend checks (4.5). */
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
