import { PayloadType } from '#protocol/message.ts';
import { aborted, sleep } from '#simulator/clock.ts';
import {
  type ContainerProcess,
  startContainerProcess,
} from '#simulator/container/container-process.ts';
import type { ContainerSpace } from '#simulator/container/container-space.ts';
import { ProgramError } from '#simulator/container/program-lookup.ts';
import { ShellWordsError, splitShellWords } from '#simulator/container/shell-words.ts';
import type { InputOutcome } from './agent-channel.ts';
import type { ReceivedFrame } from './agent-frame.ts';
import { readSize } from './agent-payload.ts';
import { pumpOutput } from './output-pump.ts';
import {
  crashWorker,
  ERROR_TITLE,
  type PluginContext,
  type SessionPlugin,
} from './session-plugin.ts';

const EMPTY_COMMAND = 'Commands cannot be empty for session type InteractiveCommands';

export interface TerminalPluginOptions {
  readonly sessionType: 'InteractiveCommands' | 'Standard_Stream';
  readonly command: string;
  /** Typed into the program as soon as it runs, such as the shell profile of the session preferences. */
  readonly typed?: string | undefined;
  readonly space: () => Promise<ContainerSpace>;
  readonly workdir: string;
  readonly hostPath: string;
  /** The agent's error if the session cannot be logged as required; undefined if it can. */
  readonly logRefusal: () => string | undefined;
  /** Receives the output of a logged session; undefined for others. */
  readonly recording: SessionRecording | undefined;
  readonly onStarted: (process: ContainerProcess) => void;
}

/** The output of a session, written to its destinations when the session has ended (PROTOCOL 8.9). */
export interface SessionRecording {
  add(chunk: Uint8Array): void;
  write(): void;
}

/** A command (ecs:ExecuteCommand) or a shell on a terminal. Exit statuses are not reported (4.8). */
export class TerminalPlugin implements SessionPlugin {
  readonly sessionType: TerminalPluginOptions['sessionType'];
  readonly properties = null;
  readonly requiresHandshake = false;
  readonly #options: TerminalPluginOptions;

  constructor(options: TerminalPluginOptions) {
    this.#options = options;
    this.sessionType = options.sessionType;
  }

  async run(context: PluginContext): Promise<string> {
    const { channel, clock, timings, signal, sessionId } = context;
    if (this.#options.command.trim() === '') return EMPTY_COMMAND;
    const refusal = this.#options.logRefusal();
    if (refusal !== undefined) return `${ERROR_TITLE}${refusal}`;
    const process = await this.#start(context);
    if (typeof process === 'string') return process;
    const { recording, typed } = this.#options;
    if (typed !== undefined) await process.terminal.write(Buffer.from(typed));
    const pumping = pumpOutput({
      ...{ terminal: process.terminal, channel, clock, timings, signal },
      onOutput: (chunk) => recording?.add(chunk),
    });
    await Promise.race([pumping, aborted(signal)]);
    if (signal.aborted) {
      process.kill();
      process.terminal.close();
      await process.exited;
    } else {
      await channel.drain();
      channel.sendState(sessionId, 'Terminating');
      // The agent waits for the command before it closes: a command that released its terminal keeps the session open.
      await Promise.race([process.exited, aborted(signal)]);
      process.terminal.close();
    }
    await pumping;
    recording?.write();
    return '';
  }

  /** The running command, or the error text if it could not be started. */
  async #start(context: PluginContext): Promise<ContainerProcess | string> {
    const { channel, clock, timings, signal } = context;
    const { command, workdir, hostPath } = this.#options;
    try {
      const [program, ...args] = splitShellWords(command);
      // The command contains only comments: the worker crashes on an empty argument vector (8.3).
      if (program === undefined) return await crashWorker(context);
      await sleep(clock, timings.ptyOpenMs, signal);
      const space = withAgentVariables(await this.#options.space());
      const process = await startContainerProcess({
        words: [program, ...args],
        space,
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
}

/** Adds the agent's variables to the container's environment (PROTOCOL 8.4). */
function withAgentVariables(space: ContainerSpace): ContainerSpace {
  const { LANG = '' } = space.env;
  return {
    ...space,
    env: { ...space.env, TERM: 'xterm-256color', LANG: LANG === '' ? 'C.UTF-8' : LANG },
  };
}

/** A shell plugin handles output and size only; flags and other types are ignored (3.6). */
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
