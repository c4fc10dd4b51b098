import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { ECSH } from '#test/helpers/program.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start('default');
});

afterAll(() => lab.stop());

describe('exec on an unusable target exits with 255 and names the cause:', () => {
  it.concurrent.each([
    ['ECS Exec is off', 'demo/off', 'exec-disabled'],
    ['the agent has stopped', 'demo/stopped-agent', 'exec-agent-not-running'],
    ['the agent is starting', 'demo/pending-agent', 'exec-agent-not-running'],
    ['there is no such service', 'demo/wbe', 'service-not-found'],
    ['there is no such cluster', 'dmeo/web', 'cluster-not-found'],
    ['there is no such container', 'demo/web@nginx', 'container-not-found'],
    ['there is no such task', 'demo/task:0123456789abcdef0123456789abcdef', 'task-not-found'],
    ['several containers match', 'demo/pair', 'container-ambiguous'],
    ['the target is malformed', 'a/b/c/d', 'target-invalid'],
  ])('%s', async (_name, target, code) => {
    await expectFailure(['exec', target, '--', 'true'], code);
  });
});

it('a session that cannot be opened is explained by the result of doctor', async () => {
  const { status, stdout, stderr } = await lab.run(['exec', 'demo/ghost', '--', 'true']);
  expect({ status, stdout }).toEqual({ status: 255, stdout: '' });
  expect(stderr).toMatch(
    /^ecsh: .+ \[target-not-connected\]\n {2}Likely cause: .+ghost-task lacks ssm/,
  );
  expect(stderr).toMatch(/ecsh policy task-role \|\n.+put-role-policy --role-name ghost-task/);
  expect(stderr).toMatch(/ecsh doctor demo\/[0-9a-f]{32}@app\n$/);
});

describe('exec of a whole command line in one argument, as with ssh,', () => {
  it('fails, and suggests --sh', async () => {
    const { status, stdout, stderr } = await lab.run([
      'exec',
      'demo/web',
      '--',
      'echo "$0" | wc -l',
    ]);
    expect({ status, stdout }).toEqual({ status: 127, stdout: '' });
    const [typed = ''] = /ecsh exec --sh .*/.exec(stderr) ?? [];
    expect(typed).toBe(`ecsh exec --sh 'echo "$0" | wc -l' demo/web`);
    const script = typed.replace(/^ecsh/, '"$@"');
    expect((await lab.script(script, [])).stdout).toBe('1\n');
  });

  it('fails without the suggestion with -q', async () => {
    const { status, stderr } = await lab.run(['exec', '-q', 'demo/web', '--', 'echo a']);
    expect({ status, hasHint: stderr.includes('--sh') }).toEqual({ status: 127, hasHint: false });
  });

  it('fails if it is empty', () => expectFailure(['exec', 'demo/web', '--', ''], 'usage'));
});

describe.skipIf(!existsSync('/dev/full'))('output that cannot be written is a failure', () => {
  it.each([
    ['policy', '>/dev/full', 1, 'ENOSPC'],
    ['--help', '>/dev/full', 1, 'ENOSPC'],
    ['policy', '>&-', 1, 'EBADF'],
    ['policy', '>/dev/null', 0, undefined],
  ])('%s %s', (word, redirection, status, reason) => {
    const [node = '', ecsh = ''] = ECSH;
    // `exit` follows, so the shell does not replace itself with ecsh.
    const script = `'${node}' '${ecsh}' ${word} ${redirection}; exit $?`;
    const finished = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(finished.status).toBe(status);
    expect(/could not be written: (\w+).* \[output-lost\]/.exec(finished.stderr)?.[1]).toBe(reason);
  });

  it.each([
    ['>/dev/full', 255, 'ENOSPC'],
    ['>&-', 255, 'EBADF'],
    ['2>/dev/full', 255, undefined],
  ])('exec %s', async (redirection, status, reason) => {
    const remote = 'exec -q demo/web -- sh -c "echo out; echo err >&2; exit 3"';
    const seen = await lab.script(`"$@" ${remote} ${redirection}; exit $?`, []);
    expect(seen.status).toBe(status);
    expect(/could not be written: (\w+).* \[output-lost\]/.exec(seen.stderr)?.[1]).toBe(reason);
  });
});

it('a stdout that a parent set to /dev/null counts as open', () => {
  const [node = '', ecsh = ''] = ECSH;
  // Like Python's DEVNULL, it is open for reading and writing.
  expect(spawnSync(node, [ecsh, 'policy'], { stdio: 'ignore' }).status).toBe(0);
});

describe('exec that cannot call AWS exits with 255 and names the cause:', () => {
  it.concurrent('the wrong region', () =>
    expectFailure(
      ['exec', '--region', 'eu-west-1', 'demo/web', '--', 'true'],
      'cluster-not-found',
    ));

  it.concurrent('no region', () =>
    expectFailure(['exec', 'demo/web', '--', 'true'], 'region-missing', [
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
    ]));

  it.concurrent('no credentials', () =>
    expectFailure(['exec', 'demo/web', '--', 'true'], 'credentials-missing', [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ]));

  it.concurrent('an unknown profile', () =>
    expectFailure(['exec', '--profile', 'nobody', 'demo/web', '--', 'true'], 'profile-not-found'));

  it.concurrent('no server at the endpoint', () =>
    expectFailure(
      ['exec', '--endpoint-url', 'http://127.0.0.1:1', 'demo/web', '--', 'true'],
      'endpoint-unreachable',
    ));
});

describe('a command that passes no remote status through exits with 1 if', () => {
  it.concurrent.each([
    ['there are no credentials', ['ls'], 'credentials-missing'],
    ['the cluster does not exist', ['logging', 'show', 'nosuch'], 'cluster-not-found'],
    ['the service does not exist', ['enable', '-y', 'demo/nosuch'], 'service-not-found'],
    ['there is nothing to list', ['ls', 'tasks', 'demo/nosuch'], 'service-not-found'],
  ])('%s', async (_name, args, code) => {
    const hidden =
      code === 'credentials-missing' ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : [];
    const { status, stderr } = await runWithout(args, hidden);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(`[${code}]`) });
  });
});

describe('wrong usage exits with 255 in commands that run something remote, and with 2 in others:', () => {
  it.concurrent.each([
    ['no command', ['exec', 'demo/web'], 255],
    ['an unknown option', ['exec', '--nosuch', 'demo/web', '--', 'true'], 255],
    ['an invalid duration', ['exec', '--timeout', 'soon', 'demo/web', '--', 'true'], 255],
    ['an invalid port', ['simulate', '--port', 'x'], 2],
  ])('%s', async (_name, args, status) => {
    const seen = await lab.run(args);
    expect(seen).toEqual({ status, stdout: '', stderr: expect.stringMatching(/^ecsh: .+\n/) });
    expect(seen.stderr).toMatch(/ecsh (?:\w+ )?--help\n$/);
  });

  it.concurrent('no target', () => expectFailure([], 'usage'));

  it.concurrent('a variable without a name', () =>
    expectFailure(['exec', '-e', '=x', 'demo/web', '--', 'true'], 'env-invalid'));

  it.concurrent('a missing environment file', () =>
    expectFailure(['exec', '--env-from', '/no/such', 'demo/web', '--', 'true'], 'file-unreadable'));

  it.concurrent('a missing fleet file', async () => {
    const seen = await lab.run(['simulate', '--fleet', '/no/such']);
    const { status, stdout } = seen;
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(seen.stderr).toMatch(/^ecsh: .+ \[file-unreadable\]\n {2}\S.+\n$/);
  });
});

describe('Node.js reads --env-file from the arguments of ecsh (nodejs/node#54232):', () => {
  /** Writes an environment file; SCRIPT in it becomes a script that reports when it runs inside ecsh. */
  function fileOf(content: string): string {
    const file = join(lab.folder, `${randomUUID()}.env`);
    const script = join(lab.folder, 'required.cjs');
    writeFileSync(script, 'process.stderr.write("ran in ecsh\\n");');
    writeFileSync(file, content.replace('SCRIPT', script));
    return file;
  }

  it.concurrent('it exits with 9 if the file is missing', async () => {
    const seen = await lab.run(['exec', '--env-file', '/no/such', 'demo/web', '--', 'true']);
    expect(seen).toEqual({
      status: 9,
      stdout: '',
      stderr: expect.stringMatching(/^\S*node: .+\n$/),
    });
  });

  it.concurrent('it ignores arguments after --', async () => {
    const command = ['echo', '--env-file=/no/such'];
    expect(await lab.run(['exec', '-q', 'demo/web', '--', ...command])).toEqual({
      status: 0,
      stdout: '--env-file=/no/such\n',
      stderr: '',
    });
  });

  it.concurrent('it applies no variable from the file except NODE_OPTIONS', async () => {
    const file = fileOf('AWS_REGION=eu-west-1\nAWS_ENDPOINT_URL=http://127.0.0.1:1\nA=1\n');
    const command = ['sh', '-c', 'echo "$A $AWS_REGION"'];
    expect(await lab.run(['exec', '-q', '--env-file', file, 'demo/web', '--', ...command])).toEqual(
      {
        status: 0,
        stdout: '1 eu-west-1\n',
        stderr: '',
      },
    );
  });

  it.concurrent('it applies NODE_OPTIONS before ecsh can reject the file', async () => {
    const file = fileOf('NODE_OPTIONS=--require SCRIPT\n');
    const seen = await lab.run(['exec', '--env-file', file, 'demo/web', '--', 'true']);
    expect(seen).toEqual({
      status: 255,
      stdout: '',
      stderr: expect.stringMatching(/^ran in ecsh\necsh: .+ \[env-invalid\]\n {2}.+--env-from/),
    });
  });

  it.concurrent('it ignores --env-from', async () => {
    const file = fileOf('NODE_OPTIONS=--require SCRIPT\n');
    const command = ['sh', '-c', 'echo "$NODE_OPTIONS"'];
    expect(await lab.run(['exec', '-q', '--env-from', file, 'demo/web', '--', ...command])).toEqual(
      {
        status: 0,
        stdout: expect.stringMatching(/^--require \S+\n$/),
        stderr: '',
      },
    );
  });
});

/** Expects one line with the cause and its code, then a hint, and no stdout. */
async function expectFailure(
  args: readonly string[],
  code: string,
  without: readonly string[] = [],
): Promise<void> {
  expect(await runWithout(args, without)).toEqual({
    status: 255,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^ecsh: .+ \\[${code}\\](?:\\n {2}.+)+\\n$`)),
  });
}

function runWithout(args: readonly string[], without: readonly string[]) {
  const env = Object.fromEntries(
    Object.entries(lab.environment).filter(([name]) => !without.includes(name)),
  );
  return lab.run(args, { env });
}
