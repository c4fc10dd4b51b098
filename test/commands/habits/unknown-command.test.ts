import { describe, expect, it } from 'vitest';
import { commandNamed } from '#commands/command-table.ts';
import { ELSEWHERE } from '#commands/habits/foreign-commands.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const onTerminal = (env: Readonly<Record<string, string>> = {}) =>
  new FakeApp({ env, terminal: new FakeTerminal() });

/** Returns the message and hint for an unknown command; no AWS call is made. */
const firstLines = async (words: string) => {
  const app = onTerminal();
  const { status, stdout, stderr } = await run(words.split(' '), app);
  expect([status, stdout, app.remote.requests]).toEqual([255, '', []]);
  return stderr.split('\n').slice(0, 2);
};

/** Returns the hint for a command with wrong arguments. */
const hintOf = async (words: string) => {
  const { status, stderr } = await run(words.split(' '), onTerminal());
  expect(status).toBe(2);
  return stderr.split('\n')[1];
};

describe('a first word that is not a command', () => {
  it.each([
    ['login', 'ecsh uses the credentials of the AWS CLI:  aws sso login'],
    ['whoami', 'ecsh does not do that; the AWS CLI does:  aws sts get-caller-identity'],
    ['debug demo/web', 'ecsh calls it doctor:  ecsh doctor demo/web'],
    [
      'execute-command --cluster demo --task abc --container app --command sh',
      'In one line:  ecsh demo/abc@app',
    ],
    [
      'aws ecs execute-command --cluster demo --task abc --command ls',
      'In one line:  ecsh exec demo/abc -- ls',
    ],
    [
      'scale demo/web 3',
      'ecsh does not do that; the AWS CLI does:  aws ecs update-service --cluster demo --service web --desired-count 3',
    ],
    ['tunnel demo/web 8080:80', 'ecsh calls it forward:  ecsh forward demo/web 8080:80'],
    ['service ls demo', 'ecsh calls it ls:  ecsh ls services demo'],
    ['svc exec demo/web -- ls', 'In one line:  ecsh exec demo/web -- ls'],
    ['task run demo/web date', 'ecsh calls it run:  ecsh run demo/web date'],
    ['svc logs demo/web', 'ecsh calls it logs:  ecsh logs demo/web'],
    ['tail demo/web', 'ecsh calls it logs:  ecsh logs -f demo/web'],
    ['wait demo/0f9de17a', 'ecsh calls it run:  ecsh run --wait demo/0f9de17a'],
    ['rollout restart demo/web', 'ecsh calls it restart:  ecsh restart demo/web'],
    ['rollout status service demo/web', 'ecsh calls it describe:  ecsh describe demo/web'],
    [
      'rollout undo demo/web',
      'ecsh does not do that; the AWS CLI does:  aws ecs update-service --cluster demo --service web --task-definition FAMILY:EARLIER_REVISION',
    ],
    ['delete pod demo/web', 'A task is ended by stop:  ecsh stop demo/web'],
    ['push a demo/web:/tmp', 'ecsh calls it cp:  ecsh cp a demo/web:/tmp'],
    ['pull demo/web:/etc/hosts', 'ecsh calls it cp:  ecsh cp demo/web:/etc/hosts .'],
    ['pull nginx', 'ecsh does not do that; docker does:  docker pull'],
    ['start-session --target ecs:demo_abc_def', 'ecsh calls it shell:  ecsh shell demo/abc'],
    [
      'aws ssm start-session --target ecs:demo_abc_def',
      'ecsh calls it shell:  ecsh shell demo/abc',
    ],
    ['use demo', 'The default cluster is in the configuration:  ecsh config set cluster demo'],
    ['docker exec -it demo/web sh', 'Leave out docker:  ecsh exec -it demo/web sh'],
    ['top demo/web', 'A command of the container follows TARGET:  ecsh demo/web top'],
    ['exce demo/web -- ls -l', 'Did you mean exec?  ecsh exec demo/web -- ls -l'],
    ["exce demo/web it's", "Did you mean exec?  ecsh exec demo/web 'it'\\''s'"],
  ])('gets a suggested command: ecsh %s', async (words, hint) => {
    const [word = ''] = words.split(' ');
    expect(await firstLines(words)).toEqual([
      `ecsh: There is no command ${word}. [usage]`,
      `  ${hint}`,
    ]);
  });

  it.each([
    ['top', { ECSH_CLUSTER: 'prod' }],
    ['-C prod top', {}],
    ['service:top', {}],
    ['prod/top', {}],
  ])('can be a service: ecsh %s', async (words, env) => {
    const app = onTerminal(env);
    await run(words.split(' '), app);
    expect(app.awsSettings).not.toEqual([]);
  });
});

it('a key file before TARGET is rejected instead of read as TARGET', async () => {
  expect(await firstLines('-i ~/.ssh/id_rsa demo/web ls')).toEqual([
    'ecsh: ECS Exec needs no key file; -i sends stdin. [usage]',
    '  Leave it out:  ecsh demo/web ls',
  ]);
});

it('commands of ecsh do not appear among those of other tools', () => {
  expect(Object.keys(ELSEWHERE).filter((word) => commandNamed(word) !== undefined)).toEqual([]);
});

describe('a TARGET with a user, as in ssh', () => {
  it.each([
    ['root@demo/web id', 'The user is -u:  ecsh -u root demo/web id'],
    ['exec -q me@demo/web@app -- id', 'The user is -u:  ecsh exec -q -u me demo/web@app -- id'],
  ])('gets a suggested command: ecsh %s', async (words, hint) => {
    expect(await firstLines(words)).toEqual([
      'ecsh: What follows @ is a container, not a host. [target-invalid]',
      `  ${hint}`,
    ]);
  });

  it('is corrected without the user if the command has none', async () => {
    const { stderr } = await run(['forward', 'root@demo/web', '80'], onTerminal());
    expect(stderr.split('\n')[1]).toBe(
      '  forward has no user; leave it out:  ecsh forward demo/web 80',
    );
  });
});

describe('flags of other tools for logs and enable', () => {
  it.each([
    ['logs --lines 2 demo/web', 'The last lines are -n:  ecsh logs -n 2 demo/web'],
    ['logs -t demo/web', 'The time of each line:  ecsh logs --timestamps demo/web'],
    ['logs -F demo/web', 'To follow:  ecsh logs -f demo/web'],
    [
      'logs --since-time 2026-01-31 demo/web',
      '--since takes a time too:  ecsh logs --since 2026-01-31 demo/web',
    ],
    ['logs --grep x demo/web', 'A filter of CloudWatch Logs:  ecsh logs --filter x demo/web'],
    [
      'logs --previous demo/web',
      'Name the task that has stopped, from this list:  ecsh ls tasks demo/web --status stopped',
    ],
    ['enable --off demo/web', 'To turn it off:  ecsh disable demo/web'],
  ])('get a suggested command: ecsh %s', async (words, hint) => {
    expect(await hintOf(words)).toBe(`  ${hint}`);
  });
});

describe('arguments in the wrong place', () => {
  it.each([
    ['describe service demo/web', 'Did you mean:  ecsh describe demo/web'],
    ['describe demo web', 'Did you mean:  ecsh describe demo/web'],
    ['sessions kill abc', 'Did you mean:  ecsh sessions end abc'],
    ['sessions end', 'Type:  ecsh sessions end SESSION...'],
    ['logging off demo', 'Did you mean:  ecsh logging set demo --mode none'],
    ['ls sessions demo', 'Type:  ecsh sessions demo'],
  ])('get a suggested command: ecsh %s', async (words, hint) => {
    expect(await hintOf(words)).toBe(`  ${hint}`);
  });
});

describe('flags of other tools', () => {
  it.each([
    ['-p 22 demo/web', '-p', 'ECS Exec has no port: leave it out.  ecsh demo/web'],
    ['-l root demo/web id', '-l', 'The user is -u:  ecsh -u root demo/web id'],
    [
      '-L 8080:localhost:80 demo/web',
      '-L',
      'To forward ports:  ecsh forward demo/web 8080:localhost:80',
    ],
    ['-N demo/web', '-N', 'To forward ports without a shell:  ecsh forward demo/web PORT'],
    ['exec -n prod web ls', '-n', 'A namespace is a cluster here:  ecsh -C prod exec web ls'],
    [
      '--namespace=prod web',
      '--namespace=prod',
      'A namespace is a cluster here:  ecsh -C prod web',
    ],
    ['exec --task abc ls', '--task', 'A task is TARGET:  ecsh exec CLUSTER/abc -- ls'],
    ['exec --cluster demo --task abc ls', '--task', 'A task is TARGET:  ecsh exec demo/abc -- ls'],
    [
      'exec --cluster demo --task abc --container app --interactive --command sh',
      '--task',
      'A task is TARGET:  ecsh demo/abc@app',
    ],
    [
      'exec --cluster demo --service web --profile dev -- ls',
      '--service',
      'A service is TARGET:  ecsh exec --profile dev demo/web -- ls',
    ],
    ['-p22 demo/web', '-p22', 'ECS Exec has no port: leave it out.  ecsh demo/web'],
    ['-F config demo/web', '-F', 'ECS Exec has nothing like it: leave it out.  ecsh demo/web'],
    ['-4 demo/web', '-4', 'ECS Exec has nothing like it: leave it out.  ecsh demo/web'],
    [
      '-W localhost:80 demo/web',
      '-W',
      'A port on stdin and stdout:  ecsh forward --stdio localhost:80 demo/web',
    ],
    ['exec --cwd /app demo/web ls', '--cwd', 'The directory is -w:  ecsh exec -w /app demo/web ls'],
    [
      'run --rm -it demo/web sh',
      '--rm',
      'run always stops its task: leave it out.  ecsh run -it demo/web sh',
    ],
    ['-n demo/web ls', '-n', 'exec sends no stdin:  ecsh exec demo/web -- ls'],
    [
      '-N -L 8080:localhost:80 demo/web',
      '-N',
      'To forward ports without a shell:  ecsh forward demo/web 8080:localhost:80',
    ],
    ['exec --stdin demo/web cat', '--stdin', 'stdin is sent with -i:  ecsh exec -i demo/web cat'],
    [
      'cp -P 22 a demo/web:/tmp/',
      '-P',
      'ECS Exec has no port: leave it out.  ecsh cp a demo/web:/tmp/',
    ],
    [
      'forward -f demo/web 80',
      '-f',
      'In the background of your shell:  ecsh forward demo/web 80 &',
    ],
    [
      '-o StrictHostKeyChecking=no demo/web',
      '-o',
      'ECS Exec has nothing like it: leave it out.  ecsh demo/web',
    ],
    [
      '--timeout 5 demo/web',
      '--timeout',
      '--timeout is for a command:  ecsh --timeout … TARGET COMMAND',
    ],
  ])('get a suggested command: ecsh %s', async (words, flag, hint) => {
    expect(await firstLines(words)).toEqual([
      `ecsh: Unknown option '${flag}'. [usage]`,
      `  ${hint}`,
    ]);
  });
});
