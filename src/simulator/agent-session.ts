import type { Clock } from '../domain/ports.ts';
import { PayloadType } from '../protocol/message.ts';
import { AgentChannel, type InputOutcome } from './agent-channel.ts';
import type { ReceivedFrame } from './agent-frame.ts';
import { HandshakeError, type HandshakeOptions, performHandshake } from './agent-handshake.ts';
import type { AgentLink, AgentReceiver, AgentTimings } from './agent-link.ts';
import { readSize } from './agent-payload.ts';
import { aborted, sleep } from './clock.ts';
import { type ContainerProcess, startContainerProcess } from './container-process.ts';
import { pumpOutput } from './output-pump.ts';
import { ProgramError } from './program-lookup.ts';
import { ShellWordsError, splitShellWords } from './shell-words.ts';

/** How the agent introduces what went wrong (PROTOCOL 4.9). */
const ERROR_TITLE = '\n----------ERROR-------\n';
const EMPTY_COMMAND = 'Commands cannot be empty for session type InteractiveCommands';
const CRASH =
  'document process failed unexpectedly: ipc messaging received timeout signal , ' +
  'check [ssm-document-worker]/[ssm-session-worker] log for crash reason';

export interface AgentSessionOptions {
  readonly sessionId: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly hostPath: string;
  /** Present when the cluster has a KMS key. */
  readonly encryption: HandshakeOptions['encryption'] | undefined;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  readonly log: (line: string) => void;
  /** Opens the data channel. */
  readonly connect: (receiver: AgentReceiver) => AgentLink;
  readonly onStarted: (process: ContainerProcess) => void;
}

/**
 * One session worker: runs the command from the start, whether a client is there or not (O-4), and
 * ends with the text that the service puts into `channel_closed`. Exit statuses go nowhere (4.8).
 */
export class AgentSession {
  readonly #options: AgentSessionOptions;
  readonly #cancelling = new AbortController();
  #channel: AgentChannel | undefined;

  constructor(options: AgentSessionOptions) {
    this.#options = options;
  }

  /** TerminateSession or an idle end: kills the command and hangs up its terminal (4.10). */
  cancel(): void {
    this.#cancelling.abort();
  }

  /** Frames that the blocked agent has not looked at. */
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
      // Ends every timer that still waits for something.
      this.#cancelling.abort();
    }
  }

  async #runOn(channel: AgentChannel): Promise<string> {
    const { clock, timings, sessionId, encryption } = this.#options;
    const { signal } = this.#cancelling;
    try {
      await performHandshake(channel, { sessionId, encryption, clock, timings, signal });
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      return `${ERROR_TITLE}Encountered error while initiating handshake. ${error.message}`;
    }
    if (this.#options.command.trim() === '') return EMPTY_COMMAND;
    const process = await this.#start(channel);
    if (typeof process === 'string') return process;
    const pumping = pumpOutput({ terminal: process.terminal, channel, clock, timings, signal });
    await Promise.race([pumping, aborted(signal)]);
    if (signal.aborted) {
      process.kill();
      process.terminal.close();
      await process.exited;
    } else {
      await channel.drain();
      channel.sendState(sessionId, 'Terminating');
      // The agent reaps the command before it closes: one that let go of its terminal keeps the session.
      await Promise.race([process.exited, aborted(signal)]);
      process.terminal.close();
    }
    await pumping;
    return '';
  }

  /** The running command, or the text that says why there is none. */
  async #start(channel: AgentChannel): Promise<ContainerProcess | string> {
    const { clock, timings, command, env, workdir, hostPath } = this.#options;
    const { signal } = this.#cancelling;
    try {
      const [program, ...args] = splitShellWords(command);
      if (program === undefined) return await this.#crash(channel);
      await sleep(clock, timings.ptyOpenMs, signal);
      const process = await startContainerProcess({
        words: [program, ...args],
        env,
        workdir,
        hostPath,
      });
      this.#options.onStarted(process);
      channel.handle('default', (frame) => toTerminal(frame, process));
      return process;
    } catch (error) {
      const reason = describeStartFailure(error);
      await sleep(clock, timings.startFailureMs, signal);
      return `${ERROR_TITLE}Unable to start command: ${reason}\n\n`;
    }
  }

  /** Nothing but comments: the worker dies of an empty argument vector, and is missed much later (8.3). */
  async #crash(channel: AgentChannel): Promise<string> {
    const { clock, timings } = this.#options;
    channel.close();
    await sleep(clock, timings.crashReportMs, this.#cancelling.signal);
    return CRASH;
  }
}

/** Only output and size mean anything to a shell plugin; flags and the rest are swallowed (3.6). */
async function toTerminal(frame: ReceivedFrame, process: ContainerProcess): Promise<InputOutcome> {
  if (frame.payloadType === PayloadType.output) await process.terminal.write(frame.payload);
  if (frame.payloadType === PayloadType.size) {
    const { cols, rows } = readSize(frame.payload);
    process.terminal.resize(cols, rows);
  }
  return 'processed';
}

function describeStartFailure(error: unknown): string {
  if (error instanceof ShellWordsError) return `Failed to parse commands input: ${error.message}`;
  if (error instanceof ProgramError) return `Failed to start pty: ${error.message}`;
  throw error;
}
