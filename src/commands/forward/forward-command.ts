import { type Command, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { addSessionOptions, addTargetOptions } from '#commands/shared-options.ts';
import type { ForwardOptions } from './run-forward.ts';

const HELP = `
PORTS is [LOCAL:]PORT or [LOCAL:]HOST:PORT; without LOCAL it is the same here.

Examples:
  $ ecsh forward prod/web 8080                  localhost:8080 to port 8080
  $ ecsh forward prod/web 8080:80 9000          two ports
  $ ecsh forward prod/web :80                   any local port that is free
  $ ecsh forward prod/web 5432:db.internal:5432 through the task to another host
  $ ecsh forward prod/web 5432 -- psql -h localhost

It lasts until Ctrl-C, or as long as the command behind --, whose status ecsh
exits with; the command finds the local ports in ECSH_PORT, ECSH_PORT_2, ….
--json prints one line when everything listens. Each remote port takes one
session of the container. AWS ends it after 20 idle minutes: the next connection
opens another, or --keepalive 5m keeps it.`;

export function addForwardCommand(
  program: Command,
  invocation: Invocation,
  run: Run<ForwardOptions>,
): void {
  const command = program
    .command('forward')
    .summary('forward local ports to a container, or to hosts it can reach')
    .description('Forward local ports to a container, or through it to other hosts.')
    .usage('[options] TARGET PORTS... [-- COMMAND [ARG...]]')
    .argument('[target]', '[CLUSTER/]NAME[@CONTAINER]: a service, a task id or its prefix, an ARN')
    .argument('[ports...]', 'what to forward, as below')
    .addOption(
      new Option(
        '--address <ip>',
        "listen on this address of the machine; '*' is all, several stand with commas",
      ).default('localhost'),
    )
    .addHelpText('after', HELP)
    .action((_target: string | undefined, _ports: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const { before, behind } = invocation.separate(self.args);
        const options = { ...self.opts<ForwardOptions>(), ...shared };
        return run(app, reporter, { ...options, words: before, command: behind });
      }),
    );
  addTargetOptions(command);
  addSessionOptions(command);
}
