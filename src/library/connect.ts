import { assertLinux } from '#session/assert-linux.ts';
import { sharedSessionClosed } from '#shared/shared-errors.ts';
import { SharedSession } from '#shared/shared-session.ts';
import { assertCommand, assertEnvironment } from './checked.ts';
import { CommandOutput } from './exec.ts';
import { limitOf, waitOf } from './limits.ts';
import type { CommandOptions, Connection, ConnectOptions, ExecResult, Target } from './options.ts';
import { describeTarget, prepareSession, type World } from './session-context.ts';
import { readableOf } from './streams.ts';

/** Implements `connect` of the library with the given ports. */
export async function connectIn(
  world: World,
  text: string,
  options: ConnectOptions,
): Promise<Connection> {
  const { share = true } = options;
  const idleMs = limitOf('idleMs', options.idleMs);
  const { configuration, ports, ...start } = await prepareSession(world, text, options);
  assertLinux(start.target);
  const session = new SharedSession(
    // An abort ends the connection and its commands.
    { ...ports, signals: NO_SIGNALS },
    {
      ...start,
      isLogged: configuration.logging !== 'NONE',
      isRefused: !share,
      idleMs,
    },
  );
  session.prepare();
  return new SharedConnection(describeTarget(start.target), session, options.signal);
}

/** With more stdin than this, the additional processes that allow more in transit are worth their cost. */
const BULK_BYTES = 256 * 1024;

/** The size of a stream is unknown, so it may be large. */
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
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.#end(this.#signal?.reason);

  constructor(
    { cluster, task, container }: Target,
    session: SharedSession,
    signal: AbortSignal | undefined,
  ) {
    this.cluster = cluster;
    this.task = task;
    this.container = container;
    this.#session = session;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
  }

  async exec(argv: readonly string[], options: CommandOptions = {}): Promise<ExecResult> {
    const { env = {}, stdin, killAfterMs } = options;
    assertCommand(argv);
    assertEnvironment(env);
    const signal = AbortSignal.any([
      this.#closing.signal,
      ...(options.signal ? [options.signal] : []),
    ]);
    signal.throwIfAborted();
    const output = new CommandOutput(options);
    const { stdout, stderr } = output;
    const timeoutMs = limitOf('timeoutMs', options.timeoutMs);
    const result = await this.#session.exec(argv, {
      ...options,
      timeoutMs,
      killAfterMs: killAfterMs === undefined ? undefined : waitOf('killAfterMs', killAfterMs),
      signal,
      stdin: readableOf(stdin),
      isBulk: isBulk(stdin),
      stdout,
      stderr,
    });
    const { cluster, task, container } = this;
    return output.resultOf({ cluster, task, container }, result, { signal, timeoutMs });
  }

  close(): Promise<void> {
    return this.#end(sharedSessionClosed());
  }

  /** Ends commands that are still running; their promises reject with `reason`. */
  #end(reason: unknown): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#closing.abort(reason);
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
