import { type ClientWorld, clientIn } from '#library/client.ts';
import type { Client } from '#library/client-options.ts';
import { connectIn } from '#library/connect.ts';
import { execIn } from '#library/exec.ts';
import type {
  ClientOptions,
  Connection,
  ConnectOptions,
  ExecOptions,
  ExecResult,
  Shell,
  ShellOptions,
  Target,
  TargetOptions,
} from '#library/options.ts';
import { accessFor, describeTarget, findTarget, type World } from '#library/session-context.ts';
import { openShellIn } from '#library/shell.ts';
import { systemClock } from '#local/clock.ts';
import { once } from '#once.ts';
import { type AwsAccess, accessAws } from './aws-access.ts';

export { EcshError } from '#domain/errors/errors.ts';
export type { ErrorCode } from '#domain/errors/table/error-table.ts';
export type { AwsCredentials } from '#domain/ports/aws-credentials.ts';
export type {
  Client,
  CopyOptions,
  CopyReport,
  DoctorResult,
  ExecAllOptions,
  Forwarding,
  ListedTask,
  PortForwardOptions,
  TaskResult,
} from '#library/client-options.ts';
export { CommandError } from '#library/command-error.ts';
export type {
  ClientOptions,
  CommandInput,
  CommandOptions,
  Connection,
  ConnectOptions,
  ExecOptions,
  ExecResult,
  SessionOptions,
  Shell,
  ShellOptions,
  Target,
  TargetOptions,
  WindowSize,
} from '#library/options.ts';

const world: World = {
  clock: systemClock,
  aws: (settings) => accessAws({ ...settings, env: process.env, clock: systemClock }),
};

/**
 * Creates a client for one account and region: `exec`, `execAll`, `connect`, `shell`, `cp`, `forward`, `list`,
 * `resolve` and `doctor`. It looks up credentials once; the functions below look them up for each call.
 *
 *     const ecs = createClient({ profile: 'prod', region: 'eu-west-1' });
 *     const { stdout } = await ecs.exec('prod/web', ['uptime']);
 */
export function createClient(options: ClientOptions = {}): Client {
  return clientIn(clientWorld(options), options);
}

function clientWorld({ credentials, ...settings }: ClientOptions): ClientWorld {
  // The ARN of a task may name another region.
  const known = new Map<string | undefined, AwsAccess>();
  const access = (region: string | undefined) => {
    const found =
      known.get(region) ??
      accessAws({ ...settings, region, credentials, env: process.env, clock: systemClock });
    known.set(region, found);
    return found;
  };
  return {
    clock: systemClock,
    aws: ({ region }) => access(region),
    copies: once(async () => {
      const [{ createCopies }, { copyEnvironment }] = await Promise.all([
        import('#copy/local/copies.ts'),
        import('#copy/local/copy-environment.ts'),
      ]);
      return createCopies(copyEnvironment(process));
    }),
    async listen(...args) {
      const { listen } = await import('#forward/local/tcp-listener.ts');
      return listen(...args);
    },
    async doctor() {
      const { createDoctorPorts } = await import('#aws/doctor.ts');
      const local = () => Promise.reject(new Error('the library does not judge this machine'));
      return { ...createDoctorPorts(access(settings.region).connect), local };
    },
  };
}

/**
 * Runs one command in a container without a terminal, with separate and exact stdout and stderr.
 *
 * @param target `[CLUSTER/]NAME[@CONTAINER]` or the ARN of a task
 * @param argv program and arguments; no shell is involved
 * @returns the command's own status, including failures
 * @throws EcshError if the status is unknown (`code` says why), `timed-out`; the reason of an abort
 */
export async function exec(
  target: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  return execIn(world, target, argv, options);
}

/**
 * Connects to a container for many commands. They share one session, so that each command except the first takes
 * milliseconds. The session opens in the background, and reopens after a loss.
 *
 *     await using task = await connect('prod/web');
 *     const { stdout } = await task.exec(['cat', '/etc/hostname']);
 *
 * @param target `[CLUSTER/]NAME[@CONTAINER]` or the ARN of a task
 * @throws EcshError if there is no container that is ready for a session
 */
export async function connect(target: string, options: ConnectOptions = {}): Promise<Connection> {
  return connectIn(world, target, options);
}

/**
 * Opens a shell in a container, on the caller's streams.
 *
 * @param target `[CLUSTER/]NAME[@CONTAINER]` or the ARN of a task
 * @returns at once; `ended` rejects with an EcshError if there is no shell, or its status is unknown
 */
export function openShell(target: string, options: ShellOptions): Shell {
  return openShellIn(world, target, options);
}

/**
 * Finds the container that `exec` and `openShell` would enter, and checks that it is ready.
 * `${task}@${container}` of the result is a target that names it exactly.
 *
 * @param target `[CLUSTER/]NAME[@CONTAINER]` or the ARN of a task
 * @throws EcshError if there is none
 */
export async function resolveTarget(target: string, options: TargetOptions = {}): Promise<Target> {
  return describeTarget(
    await findTarget(world, accessFor(world, target, options), target, options),
  );
}
