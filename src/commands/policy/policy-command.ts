import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Invocation, Run } from '#commands/invocation.ts';
import { TEXT } from '#commands/setting-values.ts';
import { OTHER_ACCOUNT, type PolicyValues } from '#domain/policy/policy-model.ts';
import type { PolicyOptions } from './policy-options.ts';

const HELP = `
Examples:
  $ ecsh policy                                     list them
  $ ecsh policy task-role | aws iam put-role-policy --role-name web \\
      --policy-name ecs-exec --policy-document file:///dev/stdin
  $ ecsh policy caller -C prod --tag team=web       only tagged tasks of prod
  $ ecsh policy deny-container prod/web@vault
  $ ecsh policy logs-cloudwatch prod/web            where this task logs now
  $ ecsh policy task-definition prod/web            volumes for a read-only root
  $ ecsh policy enable-task prod/0f9de17a           PassRole on its two roles only

The JSON alone goes to stdout. What flags do not say is taken from the
cluster that -C or TARGET names, and the account from your credentials.`;

export function addPolicyCommand(
  program: Command,
  invocation: Invocation,
  run: Run<PolicyOptions>,
): void {
  const command = program
    .command('policy')
    .summary('print least-privilege IAM policies, filled in')
    .description('Print an IAM policy for ECS Exec, filled in; without a name, list them.')
    .argument('[name]', 'which one')
    .argument('[target]', 'fill it in for this: [CLUSTER/]NAME[@CONTAINER]')
    .addHelpText('after', HELP)
    .action((name: string | undefined, target: string | undefined, _options, self: Command) =>
      invocation.start(self, (app, reporter, shared) =>
        run(app, reporter, { ...self.opts<PolicyOptions>(), ...shared, name, target }),
      ),
    );
  addScopeOptions(command);
  addSessionLogOptions(command);
  addGrantOptions(command);
}

function addScopeOptions(command: Command): void {
  command
    .option(
      '--account <id>',
      '12 digits; default: of the cluster or of your credentials',
      parseAccount,
    )
    .option(
      '--partition <name>',
      'aws, aws-cn, aws-us-gov, …; default: of the cluster or region',
      TEXT.parse,
    )
    .option('--tag <key=value>', 'only what carries this tag', parseTag)
    .addOption(
      new Option('--tag-scope <what>', 'task: the cluster need not carry the tag')
        .choices(['both', 'task'])
        .default('both'),
    );
}

function addSessionLogOptions(command: Command): void {
  command
    .option('--log-group <name>', 'log group of the sessions', TEXT.parse)
    .option('--bucket <name>', 'bucket of the sessions', TEXT.parse)
    .option('--prefix <path>', 'path in that bucket', TEXT.parse)
    .option('--kms-key <arn>', 'session key of the cluster', TEXT.parse)
    .option('--bucket-kms-key <arn>', 'key of a bucket with SSE-KMS', TEXT.parse)
    .option(
      '--bucket-account <id>',
      'account of the bucket, if it is another; `other` if you do not know it',
      (text: string) => (text === OTHER_ACCOUNT ? text : parseAccount(text)),
    );
}

function addGrantOptions(command: Command): void {
  command
    .addOption(
      new Option('--role <name>', 'role that ECS is handed; repeatable').argParser(
        (role: string, roles: readonly string[] = []) => [...roles, role],
      ),
    )
    .option('--family <name>', 'family of the task definition', TEXT.parse)
    .option('--with-session-control', "caller, sessions: also end everyone's sessions")
    .option('--all-regions', 'not only the region of the cluster');
}

function parseAccount(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('Give 12 digits.');
  return text;
}

function parseTag(text: string): PolicyValues['tag'] {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Give KEY=VALUE.');
  return { key, value };
}
