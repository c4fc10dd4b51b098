import { type Command, Option } from 'commander';
import { parseDuration } from '#commands/durations.ts';

/** How long a command watches the deployment that it begins. */
export function addWatchOptions(command: Command): void {
  command
    .addOption(
      new Option('--wait <which>', 'wait for all new tasks, or the first one')
        .choices(['all', 'first'])
        .default('all'),
    )
    .option('--no-wait', 'exit as soon as the deployment has started')
    .addOption(
      new Option('--timeout <time>', 'wait no longer than this')
        .argParser(parseDuration)
        .default(900_000, '15m'),
    );
}
