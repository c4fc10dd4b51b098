import type { Command } from 'commander';
import type { AwsSettings } from '#commands/app.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { EndSessionsOptions } from './run-end-sessions.ts';

const NAME = '__end-sessions';

/** The words that call this command with the same settings; ids of sessions go behind them. */
export function endSessionsWords({
  region,
  profile,
  endpointUrl,
  ssmEndpointUrl = endpointUrl,
}: Omit<AwsSettings, 'noInput'>): readonly string[] {
  const flags = { '--region': region, '--profile': profile, '--endpoint-url': ssmEndpointUrl };
  const given = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag}=${value}`],
  );
  return [NAME, ...given, '--'];
}

/** Not for users: what a `SessionGuard` runs when ecsh was killed and sessions are still open. */
export function addEndSessionsCommand(
  program: Command,
  invocation: Invocation,
  run: Run<EndSessionsOptions>,
): void {
  program
    .command(NAME, { hidden: true })
    .argument('<session...>')
    .action((ids: string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => run(app, reporter, { ...shared, ids })),
    );
}
