import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '#commands/durations.ts';
import type { Invocation, Run } from '#commands/invocation.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { LS_KINDS, type LsKind, type LsOptions, TASK_STATUSES } from './ls-options.ts';

const HELP = `
Examples:
  $ ecsh ls                        clusters, or services of the one -C names
  $ ecsh ls prod                   services of cluster prod
  $ ecsh ls prod/web               tasks of service web; ecsh takes the first
  $ ecsh ls containers prod/web    can each be entered, and if not, why
  $ ecsh ls tasks -A               of all clusters
  $ ecsh ls tasks prod --status stopped --tag team=shop
  $ ecsh ls tasks prod/web --names | xargs -I{} ecsh exec {} -- uptime

A bare word is a cluster. The table fits the terminal; --wide, and a pipe, cut
nothing. Nothing found: status 1, and [] with --json.`;

export function addLsCommand(program: Command, invocation: Invocation, run: Run<LsOptions>): void {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  program
    .command('ls')
    .summary('list clusters, services, tasks and containers')
    .description('List clusters, services, tasks and containers, and whether exec works.')
    .usage('[options] [clusters|services|tasks|containers] [CLUSTER[/NAME]]')
    .argument('[what]', 'clusters, services, tasks or containers')
    .argument('[place]', 'a cluster, or what TARGET of other commands may be, - included')
    .option('-A, --all-clusters', 'in every cluster, even with ECSH_CLUSTER set')
    .option('--service <name>', 'of this service')
    .option('--family <name>', 'of this task definition family')
    .addOption(new Option('--status <status>', 'tasks in this state').choices(TASK_STATUSES))
    .addOption(
      new Option('--tag <key=value>', 'with this tag; KEY alone: any value; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--names', 'print only names, as TARGET takes them')
    .option('--wide', 'cut nothing and show all columns')
    .addOption(new Option('-a, --all', 'as --status all').hideHelp())
    .addOption(new Option('-l', 'as --wide').hideHelp().implies({ wide: true }))
    .addOption(
      new Option('-o, --output <format>', 'as kubectl').choices(Object.keys(OUTPUTS)).hideHelp(),
    )
    .option('--no-header', 'print no titles')
    .option('-w, --watch', 'repeat until Ctrl-C')
    .addOption(
      new Option('--interval <time>', 'with --watch, repeat this often')
        .argParser(parseInterval)
        .default(2_000, '2s')
        .implies({ watch: true }),
    )
    .addHelpText('after', HELP)
    .action((first: string | undefined, second: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) => {
        const words = wordsOf(first, second);
        return run(app, reporter, withOutput({ ...shared, ...self.opts(), ...words }));
      }),
    );
}

/** The kind may be left out: a cluster of that name is written `services/` or named with -C. */
function wordsOf(first: string | undefined, second: string | undefined) {
  const kind = kindNamed(first);
  if (kind !== undefined) return { kind, place: second };
  if (/^sessions?$/.test(first ?? '')) {
    throw new EcshError('usage', 'Sessions have a command of their own.', {
      hint: `Type:  ${ecshCommand(['sessions', ...(second === undefined ? [] : [second])])}`,
    });
  }
  if (second === undefined) return { kind: undefined, place: first };
  const swapped = kindNamed(second);
  const meant = swapped === undefined ? `${first}/${second}` : `${swapped} ${first}`;
  throw new EcshError('usage', `ecsh cannot list "${first}".`, {
    hint: `Did you mean:  ecsh ls ${meant}\nIt lists ${LS_KINDS.join(', ')}:  ecsh ls --help`,
  });
}

/** One of a kind means all of it, as with kubectl. */
function kindNamed(word: string | undefined): LsKind | undefined {
  if (word === 'svc' || word === 'svcs') return 'services';
  if (word === 'po' || word === 'pod' || word === 'pods') return 'tasks';
  return LS_KINDS.find((name) => name === word || name === `${word}s`);
}

const OUTPUTS = { json: 'json', wide: 'wide', name: 'names', names: 'names' } as const;

/** `-o json` of kubectl is our `--json`. */
function withOutput(options: LsOptions & { readonly output?: string }): LsOptions {
  const { output, ...rest } = options;
  const found = Object.entries(OUTPUTS).find(([name]) => name === output);
  return found === undefined ? rest : { ...rest, [found[1]]: true };
}

function parseInterval(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds >= 1_000) return milliseconds;
  throw new InvalidArgumentError('Give a second or more.');
}
