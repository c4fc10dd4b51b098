import { type Command, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { parseMoment } from '#commands/moment.ts';
import type { EndOptions } from './run-sessions-end.ts';
import type { SessionsOptions } from './run-sessions-ls.ts';

const HELP = `
Examples:
  $ ecsh sessions                     every open session, and whose it is
  $ ecsh sessions prod                in cluster prod
  $ ecsh sessions prod/web@app        in containers app of service web
  $ ecsh sessions --history prod      those of the last day that have ended
  $ ecsh sessions end 0k3x9w2v1b      one of yours, by the start of its id
  $ ecsh sessions end prod/web        all of yours in service web

A bare word is a cluster, as in ecsh ls. Shells, commands and forwarded ports
count, those of the AWS CLI and the console too. Session Manager knows them for
30 days, ECS the names of containers only as long as their task is remembered.`;

const END_HELP = `
Ending a session ends what runs in it. Sessions of other people need --others,
and so does a session of which it is not known who started it: that is in
CloudTrail, which takes minutes and needs cloudtrail:LookupEvents.`;

interface SessionsCommands {
  readonly ls: Run<SessionsOptions>;
  readonly end: Run<EndOptions>;
}

export function addSessionsCommand(
  program: Command,
  invocation: Invocation,
  { ls, end }: SessionsCommands,
): void {
  const sessions = program
    .command('sessions')
    .summary('list who is in which container, and end sessions')
    .description('Say who is in which container since when, and end sessions.')
    .usage('[ls] [options] [CLUSTER[/NAME]]\n       ecsh sessions end [options] SESSION|PLACE...')
    .addHelpText('after', HELP);
  sessions
    .command('ls', { isDefault: true })
    .summary('list the sessions that are open')
    .description('List the sessions that are open in containers, newest first.')
    .argument('[place]', 'a cluster, or what TARGET of other commands may be')
    .option('-A, --all-clusters', 'in every cluster, even with ECSH_CLUSTER set')
    .option('--history', 'those that have ended')
    .addOption(
      new Option('--since <time>', 'begun since then: 10m, 2h, or a date').argParser(parseMoment),
    )
    .option('--wide', 'cut nothing and show all columns')
    .action((place: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        ls(app, reporter, { ...self.opts<SessionsOptions>(), ...shared, place }),
      ),
    );
  sessions
    .command('end')
    .summary('end sessions')
    .description('End sessions, and what runs in them.')
    .argument('<session...>', 'ids, or places whose sessions of yours are meant')
    .option('--others', 'also those of other people')
    .option('--dry-run', 'say what would be ended, and end nothing')
    .addHelpText('after', END_HELP)
    .action((words: readonly string[], _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        end(app, reporter, { ...self.opts<EndOptions>(), ...shared, words }),
      ),
    );
}
