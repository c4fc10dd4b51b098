import type { ServerChannel } from 'ssh2';
import type { RunningCommand, SharedExecOptions } from '#shared/shared-options.ts';

/** Starts commands in the container; `SharedSession` is one. */
export interface CommandRunner {
  start(argv: readonly string[], options: SharedExecOptions): RunningCommand;
}

export interface ChannelCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  /** Aborts when ssh closes the channel. */
  readonly closed: AbortSignal;
}

/** SSH sends signal names without SIG (RFC 4254, 6.10). */
const SIGNAL = /^[A-Z0-9]{2,8}$/;

/** A command that runs on a channel. */
export interface ChannelRun {
  readonly ended: Promise<void>;
  signal(name: string): void;
}

/** Runs a command on a channel and ends the channel with its status. */
export function runOnChannel(
  runner: CommandRunner,
  channel: ServerChannel,
  { argv, env, user, closed }: ChannelCommand,
): ChannelRun {
  const running = runner.start(argv, {
    env,
    user,
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    signal: closed,
  });
  return {
    ended: finish(running, channel, closed),
    signal: (name) => {
      if (SIGNAL.test(name)) running.signal(`SIG${name}`);
    },
  };
}

async function finish(
  running: RunningCommand,
  channel: ServerChannel,
  closed: AbortSignal,
): Promise<void> {
  const { exitCode, failure } = await running.ended;
  if (closed.aborted) return;
  if (failure !== undefined) {
    const hint = failure.hint === undefined ? '' : `  ${failure.hint}\n`;
    channel.stderr.write(`ecsh: ${failure.message} [${failure.code}]\n${hint}`);
  }
  endChannel(channel, exitCode);
}

/** Sends the exit status, and then ends the stream: ssh ignores a status that comes later. */
export function endChannel(channel: ServerChannel, status: number): void {
  channel.exit(status);
  channel.end();
}
