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
 * The tunnel of `ssh -L`, `-D` and `-W`. It uses a program of the image over the shared session, or, if the image has none,
 * sessions of Session Manager. It opens at the first connection.
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
      // The session ends with the ssh connection, not with the tunnel.
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
