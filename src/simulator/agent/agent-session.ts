import type { Clock } from '#domain/ports/system-ports.ts';
import { sleep } from '#simulator/clock.ts';
import { AgentChannel } from './agent-channel.ts';
import { HandshakeError, type HandshakeOptions, performHandshake } from './agent-handshake.ts';
import type { AgentLink, AgentReceiver, AgentTimings } from './agent-link.ts';
import { ERROR_TITLE, type SessionPlugin } from './session-plugin.ts';

export interface AgentSessionOptions {
  readonly sessionId: string;
  readonly plugin: SessionPlugin;
  /** Present if the session is encrypted. */
  readonly encryption: HandshakeOptions['encryption'] | undefined;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  readonly log: (line: string) => void;
  /** Opens the data channel. */
  readonly connect: (receiver: AgentReceiver) => AgentLink;
}

/**
 * One session worker. It runs its plugin from the start, even without a client (O-4), and returns the text that
 * the service puts into `channel_closed`.
 */
export class AgentSession {
  readonly #options: AgentSessionOptions;
  readonly #cancelling = new AbortController();
  #channel: AgentChannel | undefined;

  constructor(options: AgentSessionOptions) {
    this.#options = options;
  }

  /** Kills the command and closes its terminal, for TerminateSession or an idle timeout (4.10). */
  cancel(): void {
    this.#cancelling.abort();
  }

  /** Frames that wait because the agent is blocked. */
  get backlog(): number {
    return this.#channel?.backlog ?? 0;
  }

  /** Resolves with the `Output` of `channel_closed`. */
  async run(): Promise<string> {
    const { clock, timings, sessionId, log } = this.#options;
    const { signal } = this.#cancelling;
    await sleep(clock, timings.startMs, signal);
    if (signal.aborted) return '';
    const receiver: AgentReceiver = { receive: (frame) => this.#channel?.receive(frame) };
    const link = this.#options.connect(receiver);
    const channel = new AgentChannel({ link, clock, timings, log, onCancel: () => this.cancel() });
    this.#channel = channel;
    channel.handle('default', async () => 'not-ready');
    channel.sendState(sessionId, 'Connected');
    try {
      return await this.#runOn(channel);
    } finally {
      if (!signal.aborted) await channel.drain();
      channel.close();
      // Cancels the remaining timers.
      this.#cancelling.abort();
    }
  }

  async #runOn(channel: AgentChannel): Promise<string> {
    const { clock, timings, sessionId, encryption, plugin, log } = this.#options;
    const { signal } = this.#cancelling;
    const context = { sessionId, channel, clock, timings, signal, log };
    try {
      const clientVersion = await performHandshake(channel, { ...context, encryption, plugin });
      return await plugin.run({ ...context, clientVersion });
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      return `${ERROR_TITLE}Encountered error while initiating handshake. ${error.message}`;
    }
  }
}
