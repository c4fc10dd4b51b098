import { type Command, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addProtectOption, addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { ForwardCommandOptions } from './forward-plan.ts';

const HELP = `
PORTS is [LOCAL:]PORT or [LOCAL:]HOST:PORT. Without LOCAL, the local port is the
same as the remote one.

Examples:
  $ ecsh forward prod/web 8080                  localhost:8080 to port 8080
  $ ecsh forward prod/web 8080:80 9000          two ports
  $ ecsh forward prod/web :80                   any free local port
  $ ecsh forward prod/web 5432:db.internal:5432 through the task to another host
  $ ecsh forward prod/web -D 1080               a proxy to any host
  $ ecsh forward prod/web 5432 -- psql -h localhost
  $ ssh -o ProxyCommand='ecsh forward prod/web --stdio 22' root@web

It lasts until Ctrl-C, or until the command after -- ends; ecsh then exits with
its status. The command finds the local ports in ECSH_PORT, ECSH_PORT_2, ….
--json prints one line when everything listens.

--via ssm uses a session of Session Manager for each remote port, which needs
ssm:StartSession. --via exec needs ecs:ExecuteCommand only, carries everything
over one session, and uses a program of the image to connect (perl, python3,
socat, bash, nc, node, ruby or php). auto uses ssm for ports and exec for -D,
and the other one if that is denied or the image lacks such a program.

AWS ends a session after 20 idle minutes. The next connection opens another one;
--keepalive 5m keeps it.`;

export function addForwardCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ForwardCommandOptions>,
): void {
  const command = program
    .command('forward')
    .summary('forward local ports to a container, or to hosts it can reach')
    .description('Forward local ports to a container, or through it to other hosts.')
    .usage('[options] TARGET PORTS... [-- COMMAND [ARG...]]')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .argument('[ports...]', 'what to forward, as below')
    .option('-L, --local <forward>', '[ADDRESS:]PORT:HOST:PORT, as with ssh', append)
    .option('-D, --dynamic <port>', '[ADDRESS:]PORT: a SOCKS and HTTP CONNECT proxy', append)
    // As with ssh: a forward runs no remote command anyway.
    .addOption(new Option('-N').hideHelp())
    .addOption(new Option('-R, --remote <forward>').hideHelp())
    .option('--stdio <destination>', '[HOST:]PORT: connect it to stdin and stdout')
    .addOption(
      new Option('--via <way>', 'how to reach the ports')
        .choices(['auto', 'exec', 'ssm'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--address <ip>',
        "listen on this address, or on several with commas; '*' is all of them",
      ).default('localhost'),
    )
    .addHelpText('after', HELP)
    .action((_target: string | undefined, _ports: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const { before, after } = invocation.separate(self.args);
        const options = { ...self.opts<ForwardCommandOptions>(), ...shared };
        return run(app, reporter, { ...options, words: before, command: after });
      }),
    );
  addTargetOptions(command);
  addSessionOptions(command);
  addProtectOption(command);
}

/** For a flag that may be given several times. */
function append(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
