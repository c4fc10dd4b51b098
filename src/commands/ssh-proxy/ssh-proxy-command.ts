import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addSessionOptions } from '#commands/shared-options.ts';
import type { SshProxyOptions } from './run-ssh-proxy.ts';

/** A hidden command: the ProxyCommand that `ecsh ssh-config` writes. */
export function addSshProxyCommand(
  program: Command,
  invocation: Invocation,
  run: Run<SshProxyOptions>,
): void {
  const command = program
    .command('ssh-proxy', { hidden: true })
    .description('Serve one ssh client on stdin and stdout (see ecsh ssh-config).')
    .argument('<host>', 'CONTAINER.NAME.CLUSTER.ecs')
    .option('--suffix <suffix>', 'what follows CLUSTER in the name', '.ecs')
    .action((host: string, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<SshProxyOptions>(), ...shared, host }),
      ),
    );
  addSessionOptions(command);
}
