import type { App } from '#commands/app.ts';
import { writeJsonLine } from '#commands/json-output.ts';
import { describeDestination } from '#domain/port-forward.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import type { OpenForward } from '#forward/forward-options.ts';
import type { Reporter } from '#ui/reporter.ts';

const ID_LENGTH = 8;

/** Reports the forwards: as text on stderr, and with `json` as one line on stdout. */
export function reportForwards(
  app: App,
  reporter: Reporter,
  { json, open, target }: { json: boolean; open: readonly OpenForward[]; target: ReadyTarget },
): void {
  for (const forward of open) reporter.notice(describe(forward, target));
  if (!json) return;
  writeJsonLine(app.stdout, {
    cluster: target.cluster,
    task: target.task.taskArn,
    container: target.container.name,
    forwards: open.map(({ addresses, localPort, host, port, sessionId }) => ({
      addresses,
      localPort,
      host: host ?? null,
      port: port ?? null,
      sessionId: sessionId ?? null,
    })),
  });
}

function describe(
  { addresses: [address = ''], localPort, host, port }: OpenForward,
  { task, cluster }: ReadyTarget,
): string {
  const local = describeDestination({ host: address, port: localPort });
  const place = `${serviceOf(task) ?? cluster}/${nameInArn(task.taskArn).slice(0, ID_LENGTH)}`;
  if (port === undefined) return `SOCKS and HTTP proxy on ${local}, through ${place}`;
  if (host === undefined) return `Forwarding ${local} -> ${place}:${port}`;
  return `Forwarding ${local} -> ${describeDestination({ host, port })} through ${place}`;
}

/** The local ports, for the local command. */
export function portVariables(open: readonly OpenForward[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    open.map(({ localPort }, index) => [
      index === 0 ? 'ECSH_PORT' : `ECSH_PORT_${index + 1}`,
      String(localPort),
    ]),
  );
}
