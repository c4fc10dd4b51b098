import { EcshError } from '#domain/errors/errors.ts';
import { assertVariableName } from '#envelope/variable-name.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { SharedSession } from '#shared/shared-session.ts';
import { CommandOutput } from './exec.ts';
import { limitOf } from './limits.ts';
import type { CommandOptions, Connection, ConnectOptions, ExecResult, Target } from './options.ts';
import { describeTarget, prepareSession, type World } from './session-context.ts';
import { readableOf } from './streams.ts';

/** `connect` of the library, in a given world. */
export async function connectIn(
  world: World,
  text: string,
  options: ConnectOptions,
): Promise<Connection> {
  const { share = true, idleMs } = options;
  const { configuration, ports, ...start } = await prepareSession(world, text, options);
  assertLinux(start.target);
  const session = new SharedSession(
    // An abort ends the command that was given it, and not what else runs in the session.
    { ...ports, signals: NO_SIGNALS },
    {
      ...start,
      isLogged: configuration.logging !== 'NONE',
      isRefused: !share,
      idleMs: limitOf('idleMs', idleMs),
    },
  );
  session.prepare();
  return new SharedConnection(describeTarget(start.target), session);
}

/** More stdin than this is worth the processes that let more of it be under way. */
const BULK_BYTES = 256 * 1024;

/** The size of a stream is not known: it may be large. */
function isBulk(stdin: CommandOptions['stdin']): boolean {
  if (stdin === undefined) return false;
  const isSized = typeof stdin === 'string' || stdin instanceof Uint8Array;
  return !isSized || stdin.length > BULK_BYTES;
}

const NO_SIGNALS = { on: () => () => undefined, suspend: () => undefined };

class SharedConnection implements Connection {
  readonly cluster: string;
  readonly task: string;
  readonly container: string;
  readonly #session: SharedSession;

  constructor({ cluster, task, container }: Target, session: SharedSession) {
    this.cluster = cluster;
    this.task = task;
    this.container = container;
    this.#session = session;
  }

  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<ExecResult> {
    const { env = {}, signal, stdin } = options;
    for (const name of Object.keys(env)) assertVariableName(name);
    if (argv.length === 0) throw new EcshError('usage', 'There is no command to run.');
    signal?.throwIfAborted();
    const output = new CommandOutput(options);
    const { stdout, stderr } = output;
    const timeoutMs = limitOf('timeoutMs', options.timeoutMs);
    const own = signal && AbortSignal.any([signal]);
    const result = await this.#session.exec(argv, {
      ...options,
      timeoutMs,
      signal: own,
      stdin: readableOf(stdin),
      isBulk: isBulk(stdin),
      stdout,
      stderr,
    });
    const { cluster, task, container } = this;
    return output.resultOf({ cluster, task, container }, result, { signal, timeoutMs });
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
