import type { Command } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import type { EndSessionsOptions } from './run-end-sessions.ts';
import { END_SESSIONS } from './words.ts';

/** Not for users: the command that a `SessionGuard` runs if ecsh was killed with open sessions. */
export function addEndSessionsCommand(
  program: Command,
  invocation: Invocation,
  run: Run<EndSessionsOptions>,
): void {
  program
    .command(END_SESSIONS, { hidden: true })
    .argument('[session...]')
    .option('--watch', 'read changes from stdin: + ID, - ID', false)
    .action((ids: string[], { watch }: { readonly watch: boolean }, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...shared, ids, watch }),
      ),
    );
}
