import type { LinkContext } from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import { ExecTunnel } from '#forward/exec-tunnel.ts';
import { FallbackTunnel } from '#forward/fallback-tunnel.ts';
import type { TunnelHooks } from '#forward/forward-options.ts';
import type { Tunnel } from '#forward/route.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { describeConfiguration, logsSessions } from '#session/cluster-configuration.ts';

export interface TunnelRequest extends SharedOptions {
  readonly target: string;
  readonly via: 'auto' | 'exec' | 'ssm';
}

/** Creates the tunnel for `--via`; with `auto` the other one if the first cannot be opened. */
export async function tunnelFactory(
  { aws, ports, retryPolicy, link, onDebug, onNotice }: LinkContext,
  options: TunnelRequest,
  target: ReadyTarget,
): Promise<(hooks: TunnelHooks) => Tunnel> {
  if (options.via === 'ssm') return ({ createPortTunnel }) => createPortTunnel();
  assertLinux(target);
  const configuration = await describeConfiguration(aws.ecs, options, retryPolicy, onDebug);
  const { SharedSession } = await import('#shared/shared-session.ts');
  return ({ onFailure, createPortTunnel }) => {
    const session = new SharedSession(
      // The forward hears them, and ends its commands.
      { ...ports, signals: NO_SIGNALS },
      {
        target,
        retryPolicy,
        link: { ...link, clusterKeyId: configuration.kmsKeyId },
        isLogged: logsSessions(configuration),
        onNotice,
        onDebug,
      },
    );
    const tunnel = new ExecTunnel({ clock: ports.clock, session, onFailure, onDebug });
    if (options.via === 'exec') return tunnel;
    return new FallbackTunnel(tunnel, (error) => {
      onNotice(`${error.message} Using sessions of Session Manager, one for each host and port.`);
      return createPortTunnel();
    });
  };
}

const NO_SIGNALS = { on: () => () => undefined, suspend: () => undefined };
