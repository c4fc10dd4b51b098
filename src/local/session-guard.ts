import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { SessionGuard } from '#domain/ports/session-ports.ts';

/**
 * The watcher: it sleeps in `read` until our end of its stdin is closed, for whatever reason, and then
 * runs the command in its arguments with the ids of the sessions that are still open. It ignores the
 * signals that a terminal or a service manager sends to all processes.
 */
export const WATCHER = `# Ends the sessions of an ecsh that is killed.
trap '' HUP INT QUIT TERM USR1 USR2
open=' '
while read -r change id; do
  case $change in
    +) open="$open$id " ;;
    -) open="\${open%% $id *} \${open#* $id }" ;;
  esac
done
[ "$open" = ' ' ] || exec "$@" $open`;

/** Ids that are a single word in the watcher's input: sessions (SSM API, SessionId), `task:CLUSTER/ID` and similar. */
const SESSION_ID = /^[\w.@:/-]+$/;

export interface SessionGuardOptions {
  /** The command that ends sessions; their ids are appended. */
  readonly endSessions: readonly string[];
  /** The watcher on Windows, which has no `sh`; it reads the same input. */
  readonly watcher?: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function shellWatcher(endSessions: readonly string[]): readonly string[] {
  return ['sh', '-c', WATCHER, 'ecsh-guard', ...endSessions];
}

/**
 * A `SessionGuard` with a watching process: one `sh`, or its replacement, started with the first session in
 * its own process session, so that it neither delays us nor ends with us.
 */
export class WatchingShell implements SessionGuard {
  readonly #options: SessionGuardOptions;
  readonly #open = new Set<string>();
  #started: Promise<void> | undefined;
  #changes: Writable | undefined;
  #isWatching = false;

  constructor(options: SessionGuardOptions) {
    this.#options = options;
  }

  /** Sessions that remain open if this process ends now. */
  get unwatched(): readonly string[] {
    return this.#isWatching ? [] : [...this.#open];
  }

  prepare(): void {
    // `watch` reports it when there is something to watch.
    this.#ready().catch(() => undefined);
  }

  watch(sessionId: string, onFailure: (reason: string) => void): () => void {
    if (!SESSION_ID.test(sessionId)) return () => undefined;
    this.#open.add(sessionId);
    this.#notify('+', sessionId);
    this.#ready().catch((error: Error) => onFailure(error.message));
    return () => {
      if (this.#open.delete(sessionId)) this.#notify('-', sessionId);
    };
  }

  #ready(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** @throws Error if there is no `sh`, or no room for another process. */
  async #start(): Promise<void> {
    const [{ spawn }, net] = await Promise.all([import('node:child_process'), import('node:net')]);
    const { endSessions, watcher = shellWatcher(endSessions), env } = this.#options;
    const [file = '', ...words] = watcher;
    // In our directory: paths in AWS's variables and files may be relative.
    const child = spawn(file, words, {
      detached: true,
      windowsHide: true,
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const spawned = new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.once('exit', () => {
      this.#isWatching = false;
    });
    child.unref();
    this.#feed(child.stdin, net.Socket);
    await spawned;
    this.#isWatching = true;
  }

  /** Without free descriptors (EMFILE) a child has no stdin, contrary to its types. */
  #feed(stdin: Writable | null, socketType: typeof Socket): void {
    if (stdin === null || stdin === undefined) return;
    if (stdin instanceof socketType) stdin.unref();
    // The watcher may have been killed: then nothing watches, but nothing else changes.
    stdin.on('error', () => undefined);
    this.#changes = stdin;
    for (const id of this.#open) this.#notify('+', id);
  }

  #notify(change: '+' | '-', id: string): void {
    this.#changes?.write(`${change} ${id}\n`);
  }
}
