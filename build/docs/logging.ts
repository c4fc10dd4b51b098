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

The cluster says where the sessions of ECS Exec are recorded. The exec agent writes the log **inside the container, at the
end of the session**: there is nothing to follow while it lasts, and a container that is killed takes its log along. The
image needs \`script\` and \`cat\`; without them sessions work, and nothing is recorded.
`;

const EXAMPLES = `ecsh logging show prod
ecsh logging set prod --mode override --log-group /ecs/exec
ecsh logging set prod --mode override --bucket session-logs --prefix exec/ --bucket-encryption
ecsh logging set prod --kms-key alias/exec          # encrypts sessions, whatever the mode
ecsh logging set prod --no-bucket                   # only the log group remains
ecsh logging set prod --mode default                # as it was in the beginning`;

const REST = `
\`logging set\` reads the configuration, shows what would change, asks (\`--yes\` does not), sends all of it with the
settings that you did not name, and reads it again. \`--dry-run\` prints the request. A change holds from the next session on, also
of running tasks. UNVERIFIED: that UpdateCluster replaces \`configuration\` as a whole, which is why all of it is sent; to
check, send one part alone in an account and describe the cluster.

## Where the logs are

- CloudWatch Logs: a stream named as the session, \`ecs-execute-command-…\`, in the log group.
- S3: \`PREFIX/SESSION.log\` in the bucket.
- Each is a transcript of the terminal, control characters included. \`exec\` writes readable text in clusters that are known
  to log, with OVERRIDE, and base64 elsewhere, with DEFAULT too: that depends on the container, which is not asked about, and
  base64 is never wrong. \`ecsh config set outputEncoding raw\` makes logs readable there.
- CloudTrail has every ExecuteCommand, with the command line, whatever is set here. Secrets belong into \`--env\` or stdin.

## Shared sessions

Inside \`ecsh connect\`, and with \`connect()\` of the library, one session carries many commands. CloudTrail then has one
ExecuteCommand, whose command is ecsh's dispatcher, and not what ran in it. The session log names each command in a line of
its own before its output:

\`\`\`text
# ecsh: ./manage.py migrate --check
# ecsh: psql -c 'select count(*) from users'
\`\`\`

A longer command goes on in lines that begin with \`# ecsh+\`; bytes that could be mistaken are written as \`\\0ooo\`. Values of
\`-e\` and stdin never stand there. The output of commands is base64 in such a log. The lines are written by the client, as all
that ecsh says is: they help to see what colleagues did, and are no proof against a person who wants to hide something.

Where CloudTrail has to name every command, do not share: \`ecsh config set noShare true\`, \`ECSH_NO_SHARE=1\` or \`--no-share\`.
\`ecsh connect\` is refused then, and \`ecsh exec\` inside another user's opens a session of its own.

## Where a destination may be

The session key has to be in the region of the cluster: exec agents call KMS there, and with any other key no session starts.
A key of another account has to allow it in its own policy, and the caller and the task role need it in theirs. A bucket may be
in any region, and in another account with \`ecsh policy logs-s3 --bucket-account ID\` for the task role, and the same permissions in the
policy of the bucket: the agent sets an ACL on each log, which takes \`s3:PutObjectAcl\` there. A log group is looked for by its name in the
region and account of the cluster; the ARN of another is refused.

TLS 1.2 protects every session. The session key encrypts what travels between client and container once more, inside TLS.

A new cluster can be created with all of this: \`aws ecs create-cluster --configuration
executeCommandConfiguration={…}\`, as AWS documents it. ecsh creates no clusters; \`logging set\` changes one that is there.

## Permissions

The task role needs \`ecsh policy logs-cloudwatch\`, \`logs-s3\` and, with a session key, \`task-kms\`; people need
\`caller-kms\` then. With DEFAULT too the task role needs \`logs-cloudwatch\`, for the log group of its container: the execution
role, with which the container logs, does not count. [permissions.md](permissions.md) has them all.
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
    table(['Logging', 'What happens'], modes),
    '## Show and set\n',
    code('sh', EXAMPLES),
    'Some combinations make no sense, and are refused before anything is sent:\n',
    table(['`ecsh logging set prod …`', 'Answer'], REFUSED.map(refusal)),
    `A log group without a key, with \`--log-encryption\`, and a bucket without encryption, with \`--bucket-encryption\`, end
every session: ECS accepts them, \`logging set\` looks first and refuses them, unless \`--force\` is given.`,
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
