import { randomBytes } from 'node:crypto';
import type { App } from '#commands/app.ts';
import { withTarget } from '#commands/picked-target.ts';
import {
  linkOf,
  readyTarget,
  type SessionFlags,
  sessionContext,
} from '#commands/session-context.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { targetRequest } from '#commands/target-request.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { environmentFingerprint } from '#shared/quick-words.ts';
import { RelayServer, type RelayServerOptions } from '#shared/relay-server.ts';
import { isServed } from '#shared/same-place.ts';
import { SharedSession } from '#shared/shared-session.ts';
import { SHARED_VARIABLE } from '#shared/shared-variable.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface ConnectCommandOptions extends SharedOptions, SessionFlags {
  readonly target?: string | undefined;
  /** Words between TARGET and `--`. */
  readonly misplaced: readonly string[];
  readonly command: readonly string[];
  readonly share?: boolean | undefined;
}

/** @returns the status of the local command */
export async function runConnect(
  app: App,
  reporter: Reporter,
  given: ConnectCommandOptions,
): Promise<number> {
  assertUsable(given);
  const options = await withTarget(app, reporter, given);
  const context = sessionContext(app, reporter, options);
  const target = await readyTarget(context, options);
  assertLinux(target);
  const { logging } = await context.configuration;
  const session = new SharedSession(
    // A signal goes to the local command, whose end also ends its commands in the session.
    { ...context.ports, signals: NO_SIGNALS },
    { ...context, target, link: await linkOf(context), isLogged: logging !== 'NONE' },
  );
  session.prepare();
  const token = randomBytes(16).toString('hex');
  const server = new RelayServer({
    ...served(app, options, target),
    clock: app.clock,
    session,
    token,
  });
  const listener = await app.sockets.listen((connection) => void server.serve(connection));
  try {
    return await app.runProgram(options.command, {
      [SHARED_VARIABLE]: `${token}@${listener.path}`,
    });
  } finally {
    await listener.close();
    await session.close();
    await server.close();
  }
}

/** Which words of a client name this container. */
function served(
  app: App,
  options: ConnectCommandOptions & { readonly target: string },
  target: ReadyTarget,
): Pick<RelayServerOptions, 'target' | 'isHere' | 'quick'> {
  const { cluster, container } = targetRequest(options, options.target);
  const place = { ...awsFlags(options), target: options.target, cluster, container };
  return {
    target: {
      cluster: target.cluster,
      task: target.task.taskArn,
      container: target.container.name,
    },
    isHere: (asked) => isServed({ place, target }, asked),
    quick: hasPlainSettings(options)
      ? { surroundings: environmentFingerprint(app.env, SHARED_VARIABLE), place }
      : undefined,
  };
}

/** True if a client that parses few flags and no settings understands words as the full program does. */
function hasPlainSettings({
  given,
  container,
  strict,
  json,
  verbose,
  debug,
}: ConnectCommandOptions): boolean {
  const hasFlags = Object.keys(given ?? {}).length > 0 || container !== undefined;
  return !hasFlags && !strict && !json && !verbose && debug === undefined;
}

const NO_SIGNALS = { on: () => () => undefined, suspend: () => undefined };

function assertUsable({ target, command, misplaced, share, pick }: ConnectCommandOptions): void {
  if (share === false) {
    throw new EcshError('sharing-refused', 'Your settings refuse to share a session (noShare).', {
      hint: 'Run ecsh exec for each command, or see where it is set:  ecsh config',
    });
  }
  if (command.length > 0 && misplaced.length === 0 && (target !== undefined || pick)) return;
  const shown = target ?? 'prod/web';
  throw new EcshError(
    'usage',
    command.length === 0 ? 'There is no local command to run.' : 'Put the command after `--`.',
    { hint: `For example:  ecsh connect ${shown} -- sh -c 'ecsh exec ${shown} -- date'` },
  );
}
