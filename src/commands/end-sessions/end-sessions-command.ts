import type { Command } from 'commander';
import type { AwsSettings } from '#commands/app.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { EndSessionsOptions } from './run-end-sessions.ts';

const NAME = '__end-sessions';

type Settings = Omit<AwsSettings, 'noInput'>;

/** The words that call this command with the same settings; ids of sessions go behind them. */
export function endSessionsWords(settings: Settings): readonly string[] {
  return [NAME, ...flagsOf(settings), '--'];
}

/** The same, for a watcher that reads session ids on stdin and ends the open ones when stdin ends. */
export function watchSessionsWords(settings: Settings): readonly string[] {
  return [NAME, ...flagsOf(settings), '--watch'];
}

function flagsOf({
  region,
  profile,
  endpointUrl,
  ssmEndpointUrl = endpointUrl,
}: Settings): readonly string[] {
  const flags = { '--region': region, '--profile': profile, '--endpoint-url': ssmEndpointUrl };
  return Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag}=${value}`],
  );
}

/** Not for users: what a `SessionGuard` runs when ecsh was killed and sessions are still open. */
export function addEndSessionsCommand(
  program: Command,
  invocation: Invocation,
  run: Run<EndSessionsOptions>,
): void {
  program
    .command(NAME, { hidden: true })
    .argument('[session...]')
    .option('--watch', 'read changes from stdin: + ID, - ID', false)
    .action((ids: string[], { watch }: { readonly watch: boolean }, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...shared, ids, watch }),
      ),
    );
}
