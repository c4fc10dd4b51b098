import type { Clock } from '#domain/ports/system-ports.ts';
import { sleep } from '#simulator/clock.ts';
import type { AgentChannel } from './agent-channel.ts';
import type { AgentTimings } from './agent-link.ts';

/** The heading of the agent's error messages (PROTOCOL 4.9). */
export const ERROR_TITLE = '\n----------ERROR-------\n';
const CRASH =
  'document process failed unexpectedly: ipc messaging received timeout signal , ' +
  'check [ssm-document-worker]/[ssm-session-worker] log for crash reason';

/** The part of a session worker that depends on the session type (PROTOCOL 8.2). */
export interface SessionPlugin {
  readonly sessionType: string;
  /** Properties sent to the client in the handshake. */
  readonly properties: Readonly<Record<string, string>> | null;
  /** Whether it needs a handshake even without a KMS key (PROTOCOL 4.3). */
  readonly requiresHandshake: boolean;
  /** Resolves with the `Output` of `channel_closed`. */
  run(context: PluginContext): Promise<string>;
}

export interface PluginContext {
  readonly sessionId: string;
  readonly channel: AgentChannel;
  /** From the client's handshake response; empty without a handshake. */
  readonly clientVersion: string;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  /** Aborts when the session is cancelled. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Simulates the crash of the session worker, which the supervisor notices much later. */
export async function crashWorker({
  channel,
  clock,
  timings,
  signal,
}: PluginContext): Promise<string> {
  channel.close();
  await sleep(clock, timings.crashReportMs, signal);
  return CRASH;
}
