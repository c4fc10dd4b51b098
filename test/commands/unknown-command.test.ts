import { describe, expect, it } from 'vitest';
import { commandNamed } from '#commands/command-table.ts';
import { ELSEWHERE } from '#commands/unknown-command.ts';
import { FakeTerminal } from '#test/fakes/fake-terminal.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const firstLines = async (words: string, env: Readonly<Record<string, string>> = {}) => {
  const app = new FakeApp({ env, terminal: new FakeTerminal() });
  const { status, stdout, stderr } = await run(words.split(' '), app);
  expect([status, stdout, app.remote.requests]).toEqual([255, '', []]);
  return stderr.split('\n').slice(0, 2);
};

describe('a first word that names no command', () => {
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
    ['docker exec -it demo/web sh', 'Leave out docker:  ecsh exec -it demo/web sh'],
    ['top demo/web', 'A command of the container follows TARGET:  ecsh demo/web top'],
    ['exce demo/web -- ls -l', 'Did you mean exec?  ecsh exec demo/web -- ls -l'],
    ["exce demo/web it's", "Did you mean exec?  ecsh exec demo/web 'it'\\''s'"],
  ])('gets the line to type: ecsh %s', async (words, hint) => {
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
  ])('may be a service: ecsh %s', async (words, env) => {
    const app = new FakeApp({ env, terminal: new FakeTerminal() });
    await run(words.split(' '), app);
    expect(app.awsSettings).not.toEqual([]);
  });
});

it('a key file before TARGET is refused, not read as TARGET', async () => {
  expect(await firstLines('-i ~/.ssh/id_rsa demo/web ls')).toEqual([
    'ecsh: ECS Exec needs no key file; -i sends stdin. [usage]',
    '  Leave it out:  ecsh demo/web ls',
  ]);
});

it('commands of ecsh are not among those of other tools', () => {
  expect(Object.keys(ELSEWHERE).filter((word) => commandNamed(word) !== undefined)).toEqual([]);
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
  ])('get the line to type: ecsh %s', async (words, flag, hint) => {
    expect(await firstLines(words)).toEqual([
      `ecsh: Unknown option '${flag}'. [usage]`,
      `  ${hint}`,
    ]);
  });
});
