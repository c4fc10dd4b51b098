import { type Command, InvalidArgumentError } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { SimulateOptions } from './run-simulate.ts';

const HELP = `
Examples:
  $ ecsh simulate                          serve until Ctrl-C
  $ ecsh simulate -- ecsh shell demo/web   one command with all of it set
  $ ecsh simulate -- aws ecs list-tasks --cluster demo

Containers are processes of this machine, with your rights and your files.
Each run has its own access key: other users of this machine and web pages
cannot use it.`;

export function addSimulateCommand(
  program: Command,
  invocation: Invocation,
  run: Run<SimulateOptions>,
): void {
  program
    .command('simulate')
    .summary('run a small AWS on this machine, to try ecsh and test without an account')
    .description('Run a small AWS on this machine: ECS, SSM, and containers to exec into.')
    .usage('[options] [-- COMMAND [ARG...]]')
    .argument('[command...]', 'run this with the environment set, and end with it')
    .option('--port <number>', 'listen on this port of 127.0.0.1; 0 is any', parsePort, 0)
    .option('--fleet <file>', 'clusters, services and tasks as JSON, instead of the built-in ones')
    .addHelpText('after', HELP)
    .action((command: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<SimulateOptions>(), ...shared, command }),
      ),
    );
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a port number from 0 to 65535.');
}
