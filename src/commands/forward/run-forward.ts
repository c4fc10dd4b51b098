import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { tellingCause } from '#commands/likely-cause.ts';
import { withTarget } from '#commands/picked-target.ts';
import {
  causeSearch,
  readyTarget,
  type SessionOptions,
  startLink,
} from '#commands/session-start.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import {
  describeDestination,
  isForward,
  type PortForward,
  parseForward,
} from '#domain/port-forward.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { type OpenForward, runForward as runSession } from '#forward/forward.ts';
import type { Reporter } from '#ui/reporter.ts';
import { listenAddresses } from './addresses.ts';

export interface ForwardOptions extends SharedOptions, SessionOptions {
  /** TARGET, unless it is to be chosen, and what to forward. */
  readonly words: readonly string[];
  /** An IP address, or `localhost`: that of IPv4 and that of IPv6. */
  readonly address: string;
  /** What to run meanwhile; empty: nothing. */
  readonly command: readonly string[];
}

const ID_LENGTH = 8;

/** @returns the exit status: of the command that ran meanwhile, or of the signal that ended it. */
export async function runForward(
  app: App,
  reporter: Reporter,
  given: ForwardOptions,
): Promise<number> {
  const { target: named, ports } = splitWords(given);
  const forwards = ports.map(parseForward);
  assertUsable(forwards, given);
  const { addresses, isOpen } = listenAddresses(given.address);
  if (isOpen) reporter.notice(`Everybody who reaches ${given.address} of this machine can use it.`);
  const options = await withTarget(app, reporter, { ...given, target: named });
  const start = startLink(app, reporter, options);
  const target = await readyTarget(start, options);
  const { patience, link, onNotice, onDebug } = start;
  return tellingCause(causeSearch(start, options, target), () =>
    runSession(
      { ...start.ports, listen: app.listen },
      {
        target,
        forwards,
        addresses,
        patience,
        link: { ...link, clusterKeyId: undefined },
        flags: awsFlags(options),
        onNotice,
        onDebug,
        onReady: (open, stop) => {
          if (options.json) app.stdout.once('close', () => stop(ExitStatus.brokenPipe));
          tell(app, reporter, options, { open, target });
        },
        run:
          options.command.length === 0
            ? undefined
            : (open, abort) => app.runProgram(options.command, environmentOf(open), abort),
      },
    ),
  );
}

/** With `--pick` there may be no target: what can be a port is one then. */
function splitWords({ words, pick }: ForwardOptions) {
  const [first, ...rest] = words;
  if (pick && first !== undefined && isForward(first)) return { target: undefined, ports: words };
  return { target: first, ports: rest };
}

function assertUsable(forwards: readonly PortForward[], { json, command }: ForwardOptions): void {
  if (forwards.length === 0) {
    throw new EcshError('usage', 'There is no port to forward.', {
      hint: 'Name it behind the target:  ecsh forward prod/web 8080:80',
    });
  }
  if (json && command.length > 0) {
    throw new EcshError('usage', '--json has no place beside a command, whose stdout it is.', {
      hint: 'The command finds the local port in ECSH_PORT.',
    });
  }
  const ports = forwards.map(({ localPort }) => localPort).filter((port) => port !== 0);
  const twice = ports.find((port, index) => ports.indexOf(port) < index);
  if (twice === undefined) return;
  throw new EcshError('usage', `Local port ${twice} is given twice.`, {
    hint: `Give another one, such as ${twice + 1}:HOST:PORT, or none for any that is free: :PORT.`,
  });
}

interface Ready {
  readonly open: readonly OpenForward[];
  readonly target: ReadyTarget;
}

function tell(app: App, reporter: Reporter, options: ForwardOptions, { open, target }: Ready) {
  for (const forward of open) reporter.notice(describe(forward, target));
  if (!options.json) return;
  writeJsonLine(app.stdout, {
    cluster: target.cluster,
    task: target.task.taskArn,
    container: target.container.name,
    forwards: open.map(({ addresses, localPort, host = null, port, sessionId = null }) => ({
      addresses,
      localPort,
      host,
      port,
      sessionId,
    })),
  });
}

function describe(
  { addresses: [address = ''], localPort, host, port }: OpenForward,
  { task, cluster }: ReadyTarget,
): string {
  const local = describeDestination({ host: address, port: localPort });
  const place = `${serviceOf(task) ?? cluster}/${nameInArn(task.taskArn).slice(0, ID_LENGTH)}`;
  if (host === undefined) return `Forwarding ${local} -> ${place}:${port}`;
  return `Forwarding ${local} -> ${describeDestination({ host, port })} through ${place}`;
}

function environmentOf(open: readonly OpenForward[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    open.map(({ localPort }, index) => [
      index === 0 ? 'ECSH_PORT' : `ECSH_PORT_${index + 1}`,
      String(localPort),
    ]),
  );
}
