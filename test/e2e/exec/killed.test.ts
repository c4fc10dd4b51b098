import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import {
  ECSH,
  hasProc,
  IS_EXECUTABLE,
  markedSleep,
  untilGone,
  untilRunning,
} from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

let lab: Lab;
/** A text in the command line of every watcher of this lab, and of no other process. */
let watcher: string;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  lab = await Lab.start();
  const { AWS_ENDPOINT_URL: url = '' } = lab.environment;
  env = { ...lab.environment, ECSH_ENDPOINT_URL: url };
  watcher = `--endpoint-url=${url} `;
});

afterAll(() => lab.stop());

const REFUSED = expect.stringContaining('[too-many-open-files]');

/** How often the simulator was asked to end a session. */
async function terminations(): Promise<number> {
  const calls = await lab.control('calls');
  return JSON.stringify(calls).split('TerminateSession').length - 1;
}

/** A command that prints "ready" and keeps running. */
function staying(): { readonly words: readonly string[]; readonly sleeper: string } {
  const sleeper = markedSleep().join(' ');
  return { words: ['sh', '-c', `echo ready; ${sleeper} & ${sleeper}`], sleeper };
}

// Sequential, because the tests cannot tell watchers apart. Processes are looked up in /proc.
describe.skipIf(!hasProc)('ecsh killed with SIGKILL', () => {
  it.each([
    ['in exec', []],
    ['in exec --no-shell', ['--no-shell']],
    ['in exec --all', ['--all', '--no-prefix']],
  ])('%s leaves no process behind, on either side', async (_name, flags) => {
    const { words, sleeper } = staying();
    const service = flags.includes('--all') ? 'lab/three' : 'lab/app';
    const program = lab.start(['exec', ...flags, service, '--', ...words], { env });
    await program.untilOutput(flags.includes('--all') ? 'ready\nready\nready\n' : 'ready');
    await untilRunning(watcher);
    program.signal('SIGKILL');
    await program.finished;
    await untilGone(sleeper);
    await untilGone(watcher);
  });

  it.each([
    ['nohup', ['nohup']],
    ['setsid', ['setsid']],
  ])('under %s leaves no process behind', async (_name, prefix) => {
    const { words, sleeper } = staying();
    const program = lab.startProgram([...prefix, ...ECSH, 'exec', 'lab/app', '--', ...words], {
      env,
    });
    await program.untilOutput('ready\n');
    program.signal('SIGKILL');
    await untilGone(sleeper);
    await untilGone(watcher);
  });

  it.each(SHELL_NAMES.filter((name) => hasShell[name]))(
    'in exec -i sends no end of input to the command, with %s as sh',
    async (shell) => {
      const file = join(lab.folder, `${shell}-ended`);
      const words = ['sh', '-c', 'echo ready; cat; : >"$0"', file];
      // This depends on timing: five at once keep the processor busy.
      const programs = Array.from({ length: 5 }, () =>
        lab.start(['exec', '-i', `lab/${shell}`, '--', ...words], { env, keepsInputOpen: true }),
      );
      await Promise.all(programs.map((program) => program.untilOutput('ready\n')));
      for (const program of programs) program.signal('SIGKILL');
      await untilGone(file);
      expect(existsSync(file)).toBe(false);
      await untilGone(watcher);
    },
  );

  it('reads files that relative AWS variables name, also in its watcher', async () => {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...rest } = env;
    const keys = `aws_access_key_id = ${id}\naws_secret_access_key = ${secret}`;
    writeFileSync(join(lab.folder, 'relative-keys'), `[default]\n${keys}\n`);
    const { words, sleeper } = staying();
    const program = lab.startProgram(
      ['env', '-C', lab.folder, ...ECSH, 'exec', 'lab/app', '--', ...words],
      { env: { ...rest, AWS_SHARED_CREDENTIALS_FILE: 'relative-keys' } },
    );
    await program.untilOutput('ready\n');
    await untilRunning(watcher);
    program.signal('SIGKILL');
    await untilGone(sleeper);
    await untilGone(watcher);
  });

  it('by timeout(1) ends the pipeline at once', async () => {
    const { words, sleeper } = staying();
    const seen = await lab.script(
      'timeout -s KILL 3 "$@" 3>&1 | cat; echo end',
      ['exec', 'lab/app', '--', ...words],
      { env },
    );
    expect(seen).toMatchObject({ status: 0, stdout: 'ready\nend\n' });
    await untilGone(sleeper);
    await untilGone(watcher);
  });

  it('in a shell leaves no process behind, even if the window closes with it', async () => {
    const screen = await lab.openTerminal(['shell', 'lab/app'], {
      env: { ...env, TERM: 'xterm-256color' },
    });
    const [, pid] = await screen.until(/^pid=(\d+)$/m);
    await screen.until(/[$#>] ?$/);
    const sleeper = markedSleep().join(' ');
    screen.type(`${sleeper}\r`);
    await untilRunning(sleeper);
    await untilRunning(watcher);
    process.kill(Number(pid), 'SIGKILL');
    screen.close();
    await untilGone(sleeper);
    await untilGone(watcher);
  });

  it('leaves no process behind even if its watcher received the signals of a terminal and of a service', async () => {
    const { words, sleeper } = staying();
    const program = lab.start(['exec', 'lab/app', '--', ...words], { env });
    await program.untilOutput('ready\n');
    const pid = await untilRunning(watcher);
    const sent = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;
    for (const signal of sent) process.kill(pid, signal);
    program.signal('SIGKILL');
    await untilGone(sleeper);
    await untilGone(watcher);
  });
});

describe.skipIf(!hasProc)('the watcher of ecsh', () => {
  it('exits with ecsh after a normal end, without terminating the session', async () => {
    const before = await terminations();
    const program = lab.start(['exec', '-i', 'lab/app', '--', 'cat'], {
      env,
      keepsInputOpen: true,
    });
    await untilRunning(watcher);
    program.write('hello\n');
    program.endInput();
    expect(await program.finished).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
    await untilGone(watcher);
    expect(await terminations()).toBe(before);
  });

  it('exits with ecsh after SIGTERM, without terminating the session', async () => {
    const before = await terminations();
    const { words, sleeper } = staying();
    const program = lab.start(['exec', 'lab/app', '--', ...words], { env });
    await program.untilOutput('ready\n');
    await untilRunning(watcher);
    program.signal('SIGTERM');
    expect(await program.finished).toMatchObject({ status: 143 });
    await untilGone(sleeper);
    await untilGone(watcher);
    expect(await terminations()).toBe(before);
  });

  it('is not needed while ecsh runs: the command continues if the watcher is killed', async () => {
    const program = lab.start(['exec', '-i', 'lab/app', '--', 'cat'], {
      env,
      keepsInputOpen: true,
    });
    process.kill(await untilRunning(watcher), 'SIGKILL');
    await untilGone(watcher);
    program.write('hello\n');
    program.endInput();
    expect(await program.finished).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
  });

  it('is never left out for lack of descriptors: no session starts', async () => {
    const statuses: unknown[] = [];
    // With each limit, the descriptors run out at a different point. With 19, Node.js 26 of the
    // single executable crashes before it runs anything.
    const fewest = IS_EXECUTABLE ? [] : ['19'];
    for (const limit of [...fewest, '20', '21', '22', '23', '24', '25', '26', '30', '40']) {
      const { words, sleeper } = staying();
      const script = `ulimit -n ${limit}; exec "$@"`;
      const program = lab.startProgram(
        ['sh', '-c', script, 'sh', ...ECSH, 'exec', '--timeout', '2s', 'lab/app', '--', ...words],
        { env },
      );
      const { status, stderr } = await program.finished;
      if (status !== 124) expect([status, stderr]).toEqual([255, REFUSED]);
      statuses.push(status);
      await untilGone(sleeper);
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([255, 124]);
  });

  it('is left out without sh, with only a line in the --debug log', async () => {
    const PATH = temporaryFolder('no-sh');
    symlinkSync(process.execPath, `${PATH}/node`);
    const args = ['exec', '--debug', 'lab/app', '--', 'echo', 'hello'];
    const seen = await lab.run(args, { env: { ...env, PATH } });
    expect(seen).toMatchObject({ status: 0, stdout: 'hello\n' });
    expect(seen.stderr).toContain('stays: spawn sh ENOENT');
  });
});
