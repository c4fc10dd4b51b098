/** The agent's side of its data channel socket; the gateway implements it. */
export interface AgentLink {
  /** False if the socket is broken and the frame is lost. */
  send(frame: Uint8Array): boolean;
  /** Resolves when the socket is writable: a client that stops reading slows the agent down (S-6). */
  whenWritable(): Promise<void>;
  /** Closes the link in both directions. */
  close(): void;
}

/** The agent's end, as the gateway sees it. */
export interface AgentReceiver {
  receive(frame: Uint8Array): void;
}

/**
 * How long the agent takes for its steps (ms). The defaults are its constants, or values measured with the real
 * agent on one machine.
 */
export interface AgentTimings {
  /** Time from ExecuteCommand until the session worker opens its data channel. */
  readonly startMs: number;
  /** After that, time until the agent decides against a handshake: input is acknowledged and discarded (4.3). */
  readonly discardMs: number;
  /** After that, time until the pty is open: input is not acknowledged (4.4). */
  readonly ptyOpenMs: number;
  /** Delay before the first read of output (8.6 item 1). */
  readonly outputDelayMs: number;
  /** Delay after each read of output (8.6 item 2). */
  readonly paceMs: number;
  /** Each of the two waits for acknowledgements at the end (4.8). */
  readonly drainMs: number;
  /** Delay before the agent reports a command that cannot start. */
  readonly startFailureMs: number;
  /** Time until the supervisor notices a crashed session worker: its message timeout. */
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
