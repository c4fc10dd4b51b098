import type { Writable } from 'node:stream';
import type { SessionGuard } from '#domain/ports/session-ports.ts';

/**
 * The watcher: it sleeps in `read` until our end of its stdin is gone, however we ended, and then
 * becomes the command that stands behind it, with the sessions that are still open. Signals of our
 * terminal, or for all processes of a service, must not take it away first.
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

/** What the watcher can take as one word (SSM API, SessionId). */
const SESSION_ID = /^[\w.@-]+$/;

export interface SessionGuardOptions {
  /** The command that ends the sessions whose ids are put behind it. */
  readonly endSessions: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `SessionGuard` by a watching process: one `sh`, started with the first session and on its own
 * (session, folder, streams), so that it neither holds us up nor ends with us.
 */
export function createSessionGuard(options: SessionGuardOptions): SessionGuard {
  return new WatchingShell(options);
}

class WatchingShell implements SessionGuard {
  readonly #options: SessionGuardOptions;
  readonly #open = new Set<string>();
  #started: Promise<void> | undefined;
  #changes: Writable | undefined;

  constructor(options: SessionGuardOptions) {
    this.#options = options;
  }

  prepare(): void {
    // Told when there is something to watch.
    this.#ready().catch(() => undefined);
  }

  watch(sessionId: string, onFailure: (reason: string) => void): () => void {
    if (!SESSION_ID.test(sessionId)) return () => undefined;
    this.#open.add(sessionId);
    this.#tell('+', sessionId);
    this.#ready().catch((error: Error) => onFailure(error.message));
    return () => {
      if (this.#open.delete(sessionId)) this.#tell('-', sessionId);
    };
  }

  #ready(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** @throws Error when there is no `sh`, or no room for another process. */
  async #start(): Promise<void> {
    const [{ spawn }, { Socket }] = await Promise.all([
      import('node:child_process'),
      import('node:net'),
    ]);
    const { endSessions, env } = this.#options;
    const child = spawn('sh', ['-c', WATCHER, 'ecsh-guard', ...endSessions], {
      cwd: '/',
      detached: true,
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    // It may have been killed: nothing is watched then, and nothing else changes.
    child.stdin.on('error', () => undefined);
    this.#changes = child.stdin;
    for (const id of this.#open) this.#tell('+', id);
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  }

  #tell(change: '+' | '-', id: string): void {
    this.#changes?.write(`${change} ${id}\n`);
  }
}
