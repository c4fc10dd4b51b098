import { linkOf, type SessionContext } from '#commands/session-context.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import type { CommandSession } from '#forward/command-session.ts';
import { ExecTunnel } from '#forward/exec-tunnel.ts';
import { FallbackTunnel } from '#forward/fallback-tunnel.ts';
import { PortTunnel } from '#forward/port-tunnel.ts';
import type { Tunnel } from '#forward/route.ts';
import { once } from '#once.ts';
import { Cancellation } from '#session/stop.ts';

/**
 * The way to any host and port for `ssh -L`, `-D` and `-W`: programs of the image over the session that is
 * shared anyway, else sessions of Session Manager. It opens with the first connection.
 */
export function sshTunnel(
  context: SessionContext,
  target: ReadyTarget,
  session: Pick<CommandSession, 'start'>,
  options: SharedOptions,
): () => Promise<Tunnel> {
  const { ports, onDebug, onNotice, retryPolicy } = context;
  return once(async () => {
    const link = await linkOf(context);
    const exec = new ExecTunnel({
      clock: ports.clock,
      // It ends with the ssh connection, not with the last of its tunnels.
      session: { start: (...args) => session.start(...args), close: async () => undefined },
      onFailure: (error) => onDebug(error.message),
      onDebug,
    });
    const tunnel = new FallbackTunnel(exec, () => {
      const cancellation = new Cancellation();
      const flags = awsFlags(options);
      const onSilence = () => undefined;
      return new PortTunnel(ports, {
        target,
        cancellation,
        retryPolicy,
        link,
        flags,
        onNotice,
        onDebug,
        onSilence,
      });
    });
    await tunnel.open();
    return tunnel;
  });
}
