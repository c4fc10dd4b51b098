import { EcshError } from '../../src/domain/errors/errors.ts';
import {
  changedLogging,
  LOGGING_MODES,
  type LoggingChange,
  loggingEffect,
} from '../../src/domain/exec-logging.ts';
import { code, generated, table } from './page.ts';

const DESTINATIONS = { cloudWatchLogGroupName: '/ecs/exec', s3BucketName: 'session-logs' };

const INTRODUCTION = `
# Session logs

The configuration of the cluster defines where sessions of ECS Exec are recorded. The exec agent writes the log **inside the
container, at the end of the session**: you cannot follow it during the session, and if the container is killed, its log is lost. The
image needs \`script\` and \`cat\`; without them, sessions work but are not recorded.
`;

const EXAMPLES = `ecsh logging show prod
ecsh logging set prod --mode override --log-group /ecs/exec
ecsh logging set prod --mode override --bucket session-logs --prefix exec/ --bucket-encryption
ecsh logging set prod --kms-key alias/exec          # encrypts sessions, in every mode
ecsh logging set prod --no-bucket                   # only the log group remains
ecsh logging set prod --mode default                # the initial setting`;

const REST = `
\`logging set\` reads the configuration, shows the changes, asks (not with \`--yes\`), sends the whole configuration including
settings that you did not name, and reads it again. \`--dry-run\` prints the request. A change applies to new sessions, even in
running tasks. UNVERIFIED: UpdateCluster replaces \`configuration\` as a whole, which is why ecsh sends all of it. To
check, send only one part in an account and describe the cluster.

## Where the logs are

- CloudWatch Logs: a stream with the name of the session, \`ecs-execute-command-…\`, in the log group.
- S3: \`PREFIX/SESSION.log\` in the bucket.
- Each log is a transcript of the terminal with all control characters. With OVERRIDE, \`exec\` writes readable text. Otherwise it
  writes base64, also with DEFAULT, where logging depends on the container: ecsh does not find out, and base64 always works.
  \`ecsh config set outputEncoding raw\` makes logs readable there too.
- CloudTrail records every ExecuteCommand with its command line in every mode. Pass secrets with \`--env\` or stdin.

## Shared sessions

Inside \`ecsh connect\`, and with \`connect()\` of the library, one session runs many commands. CloudTrail then records one
ExecuteCommand, whose command is ecsh's dispatcher, and not the commands in the session. The session log names each command in its
own line before its output:

\`\`\`text
# ecsh: ./manage.py migrate --check
# ecsh: psql -c 'select count(*) from users'
\`\`\`

A longer command continues in lines that begin with \`# ecsh+\`; ambiguous bytes are written as \`\\0ooo\`. These lines never contain
values of \`-e\` or stdin. The output of commands is base64 in such a log. The client writes the lines: they show what colleagues
did, but a person who wants to hide something can forge them.

If CloudTrail has to name every command, turn sharing off: \`ecsh config set noShare true\`, \`ECSH_NO_SHARE=1\` or \`--no-share\`.
Then \`ecsh connect\` fails, and an \`ecsh exec\` inside \`ecsh connect\` opens its own session.

## Regions and accounts

The session key must be in the region of the cluster, because exec agents call KMS there; with any other key no session starts.
For a key of another account, the policy of the key and the policies of the caller and the task role must allow its use. A bucket may be
in any region. For a bucket in another account, the task role needs \`ecsh policy logs-s3 --bucket-account ID\`, and the policy of the bucket
the same permissions: the agent sets an ACL on each log, which requires \`s3:PutObjectAcl\` there. ecsh looks for a log group by its name in
the region and account of the cluster, and refuses the ARN of a group elsewhere.

TLS 1.2 protects every session. The session key additionally encrypts the data between client and container, inside TLS.

To create a cluster with all of this: \`aws ecs create-cluster --configuration
executeCommandConfiguration={…}\`, as AWS documents it. ecsh creates no clusters; \`logging set\` changes an existing one.

## Permissions

The task role needs \`ecsh policy logs-cloudwatch\`, \`logs-s3\` and, with a session key, \`task-kms\`; with a session key, callers need
\`caller-kms\`. With DEFAULT, the task role also needs \`logs-cloudwatch\` for the log group of its container: the permissions of the
execution role, with which the container logs, do not apply. [permissions.md](permissions.md) lists all policies.
`;

/** Changes of an unconfigured cluster that UpdateCluster would refuse. */
const REFUSED: readonly (readonly [string, LoggingChange])[] = [
  ['--log-group /ecs/exec', { logGroup: '/ecs/exec' }],
  ['--mode override', { mode: 'OVERRIDE' }],
  [
    '--mode override --bucket b --log-encryption',
    { mode: 'OVERRIDE', bucket: 'b', logEncryption: true },
  ],
  ['--mode override --log-group g --prefix p', { mode: 'OVERRIDE', logGroup: 'g', prefix: 'p' }],
];

/** `docs/logging.md`: modes and refusals, as the commands know them. */
export function loggingPage(): string {
  const modes = LOGGING_MODES.map((mode) => [
    mode === 'DEFAULT' ? 'DEFAULT, or not set' : mode,
    loggingEffect({ logging: mode, logConfiguration: DESTINATIONS }),
  ]);
  return [
    generated('src/domain/exec-logging.ts'),
    INTRODUCTION,
    table(['Logging', 'Effect'], modes),
    '## Show and set\n',
    code('sh', EXAMPLES),
    'ecsh refuses invalid combinations before it sends anything:\n',
    table(['`ecsh logging set prod …`', 'Answer'], REFUSED.map(refusal)),
    `With \`--log-encryption\` and a log group without a key, or \`--bucket-encryption\` and a bucket without encryption, every session
ends at once. ECS accepts these settings, but \`logging set\` checks first and refuses them without \`--force\`.`,
    REST,
  ].join('\n');
}

function refusal([words, change]: (typeof REFUSED)[number]): readonly string[] {
  try {
    changedLogging({}, change);
  } catch (error) {
    if (error instanceof EcshError) return [`\`${words}\``, `${error.message} ${error.hint}`];
    throw error;
  }
  throw new Error(`${words} is not refused`);
}
