import { Command } from 'commander';
import { readCommandLine } from '#commands/command-line.ts';
import { vocabularyOf } from '#commands/command-table.ts';
import { Invocation } from '#commands/invocation.ts';
import { addSharedOptions, plainFlags } from '#commands/shared-options.ts';
import { FakeApp } from './app.ts';

type Run<Options> = (app: unknown, reporter: unknown, options: Options) => Promise<number>;
type Add<Options> = (program: Command, invocation: Invocation, run: Run<Options>) => void;

/**
 * Returns the options that a command passes to its run function for these arguments.
 *
 * @param world the app of the program, or only its environment
 * @throws CommanderError if it refuses the arguments
 */
export async function optionsOf<Options>(
  add: Add<Options>,
  argv: readonly string[],
  world: FakeApp | Readonly<Record<string, string>> = {},
): Promise<Options> {
  const invocation = new Invocation(world instanceof FakeApp ? world : new FakeApp({ env: world }));
  const program = new Command('ecsh').configureOutput({ writeErr: () => undefined }).exitOverride();
  addSharedOptions(program);
  const given: Options[] = [];
  add(program, invocation, async (_app, _reporter, options) => {
    given.push(options);
    return 0;
  });
  const line = readCommandLine(argv, vocabularyOf(program));
  invocation.begin(line.argv);
  await program.parseAsync(plainFlags(line.argv), { from: 'user' });
  await invocation.status;
  const [options] = given;
  if (options === undefined) throw new Error('nothing was run');
  return options;
}

/**
 * Returns only given and default values: an absent option and an undefined one are the same. Omits
 * `given`, which repeats the flags.
 */
export function defined(options: object): Record<string, unknown> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.filter(([name]) => name !== 'given'));
}
