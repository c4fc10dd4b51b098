import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { TEXT } from '#commands/setting-values.ts';
import type { LoggingMode } from '#domain/exec-logging.ts';
import type { LoggingSetOptions } from './logging-set.ts';
import type { LoggingShowOptions } from './logging-show.ts';

const HELP = `
Examples:
  $ ecsh logging show prod
  $ ecsh logging set prod --mode override --log-group /ecs/exec
  $ ecsh logging set prod --mode override --bucket audit --prefix exec \\
      --bucket-encryption --kms-key alias/exec
  $ ecsh logging set prod --no-bucket         only the log group remains
  $ ecsh logging set prod --mode default      as it was in the beginning

A change holds from the next session on, also of running tasks. Logs are
written when a session ends. What you do not name stays as it is.`;

export function addLoggingCommand(
  program: Command,
  invocation: Invocation,
  runs: { readonly show: Run<LoggingShowOptions>; readonly set: Run<LoggingSetOptions> },
): void {
  const logging = program
    .command('logging')
    .summary('show or set where the sessions of a cluster are recorded')
    .description('Show or set executeCommandConfiguration of a cluster: session logs and key.')
    .addHelpText('after', HELP);
  logging
    .command('show')
    .summary('say where the sessions of a cluster are recorded')
    .description('Show where the sessions of a cluster are recorded, and by which key.')
    .argument('[cluster]', 'name or ARN')
    .action((clusterName: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        runs.show(app, reporter, { ...shared, clusterName }),
      ),
    );
  addChanges(
    logging
      .command('set')
      .summary('set where they are recorded')
      .description('Set where the sessions of a cluster are recorded, and by which key.')
      .argument('[cluster]', 'name or ARN'),
  ).action((clusterName: string | undefined, _options, self: Command) =>
    invocation.start(self, (app, reporter, shared) =>
      runs.set(app, reporter, { ...self.opts<LoggingSetOptions>(), ...shared, clusterName }),
    ),
  );
}

function addChanges(command: Command): Command {
  return command
    .addOption(
      new Option('--mode <mode>', 'where sessions are recorded')
        .choices(Object.keys(MODES))
        .argParser(parseMode),
    )
    .option('--log-group <name>', 'record to this log group', TEXT.parse)
    .option('--no-log-group', 'stop recording to a log group')
    .option('--log-encryption', 'refuse sessions while the log group has no key')
    .option('--no-log-encryption', 'accept a log group without a key')
    .option('--bucket <name>', 'record to this bucket', TEXT.parse)
    .option('--no-bucket', 'stop recording to a bucket')
    .option('--bucket-encryption', 'refuse sessions while the bucket is not encrypted')
    .option('--no-bucket-encryption', 'accept a bucket without encryption')
    .option('--prefix <path>', 'path in the bucket', TEXT.parse)
    .option('--no-prefix', 'no path in the bucket')
    .option('--kms-key <key>', 'encrypt sessions by this key: id, alias or ARN', TEXT.parse)
    .option('--no-kms-key', 'stop encrypting sessions by a key')
    .option('--dry-run', 'print the request and send nothing')
    .option('--force', 'also where a destination is missing or not encrypted');
}

const MODES: Readonly<Record<string, LoggingMode>> = {
  none: 'NONE',
  default: 'DEFAULT',
  override: 'OVERRIDE',
};

/** Also as the API writes it. */
function parseMode(text: string): LoggingMode {
  const mode = MODES[text.toLowerCase()];
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(MODES).join(', ')}.`);
}
