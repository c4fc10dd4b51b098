import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShell, Lab } from '#test/helpers/e2e.ts';
import {
  ECSH,
  type Finished,
  hasProc,
  markedSleep,
  type ProgramOptions,
  untilGone,
} from '#test/helpers/program.ts';
import { SHELL_NAMES } from '#test/helpers/shells.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

const E = ECSH.join(' ');

/** Runs a local script inside `ecsh connect`; `$E` is ecsh. */
function connected(
  target: string,
  script: string,
  options: Omit<ProgramOptions, 'env'> = {},
): Promise<Finished> {
  const env = { ...lab.environment, E, XDG_RUNTIME_DIR: lab.folder };
  return lab.run(['connect', '-q', target, '--', 'sh', '-c', script], { ...options, env });
}

/** Returns the session ids in a report. */
function sessionsOf(report: string): readonly string[] {
  const ids = report.match(/ecs-execute-command-[a-z0-9]+/g) ?? [];
  return [...new Set(ids)];
}

describe('ecsh connect', () => {
  for (const shell of SHELL_NAMES) {
    it.skipIf(!hasShell[shell])(
      `runs every exec in one session, where sh is ${shell}`,
      async () => {
        const script = `
        $E exec -q lab/${shell} -- sh -c 'echo out; echo err >&2; exit 7'; echo "status $?"
        printf 'in\\n' | $E exec -qi lab/${shell} -- cat
        for i in 1 2 3 4 5; do $E exec -q --json lab/${shell} -- printf %s $i & done | sort; wait
        exit 9`;
        const { status, stdout, stderr } = await connected(`lab/${shell}`, script);
        const [first, ...lines] = stdout.trimEnd().split('\n');
        const reports = lines.slice(2).map((line) => JSON.parse(line));
        expect({ status, first, rest: lines.slice(0, 2), stderr }).toEqual({
          status: 9,
          first: 'out',
          rest: ['status 7', 'in'],
          stderr: 'err\n',
        });
        expect(reports.map(({ stdout: text }) => text).sort()).toEqual(['1', '2', '3', '4', '5']);
        expect(sessionsOf(lines.join())).toHaveLength(1);
      },
    );
  }

  it('carries arbitrary bytes both ways', async () => {
    const data = randomBytes(400_000);
    const file = join(lab.folder, 'data');
    writeFileSync(file, data);
    const { stdout } = await connected(
      'lab/app',
      `$E exec -qi lab/app -- cat < ${file} | sha256sum; $E exec -qi lab/app -- sha256sum < ${file}`,
    );
    const sum = createHash('sha256').update(data).digest('hex');
    expect(stdout).toBe(`${sum}  -\n${sum}  -\n`);
  });

  it('ends with the command, even if stdin stays open and stdout is closed', async () => {
    const { stdout } = await connected(
      'lab/app',
      '$E exec -qi lab/app -- head -1; $E exec -q lab/app -- yes | head -1; ' +
        '{ $E exec -q lab/app -- yes; echo $? >&3; } 3>&1 | head -1 >/dev/null; :',
      { input: 'x\n', keepsInputOpen: true },
    );
    expect(stdout).toBe('x\ny\n');
  });

  it('copies files through the session too', async () => {
    const script = `cd ${lab.folder} && seq 9999 > there && $E exec -q --json lab/app -- true &&
      $E cp -q --json there lab/app:${lab.folder}/copied && $E cp -q --json lab/app:${lab.folder}/copied back && cmp there back && echo same`;
    const { stdout } = await connected('lab/app', script);
    expect(stdout).toMatch(/same\n$/);
    expect(sessionsOf(stdout)).toHaveLength(1);
  });

  it('opens another session for another container, with --no-share, and with --strict', async () => {
    const script = ['lab/three', '--no-share lab/app', '--strict lab/app', 'lab/app']
      .map((words) => `$E exec -q --json ${words} -- true`)
      .join('; ');
    const { stdout } = await connected('lab/app', script);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).sessionId);
    expect(new Set(ids).size).toBe(4);
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it.
  const SOCKET = '"${ECSH_CONNECTED#*@}"';

  it('removes its socket, and passes the token only to the local command', async () => {
    const { stdout } = await connected(
      'lab/app',
      `stat -c %a "$(dirname ${SOCKET})" ${SOCKET}; ECSH_CONNECTED=x@${SOCKET} $E exec -q --json lab/app -- true; $E exec -q --json lab/app -- true`,
    );
    const [folder, socket, stranger = '{}', own = '{}'] = stdout.split('\n');
    expect([folder, socket]).toEqual(['700', '600']);
    expect(JSON.parse(stranger).sessionId).not.toBe(JSON.parse(own).sessionId);
    expect(readdirSync(lab.folder).filter((name) => name.startsWith('ecsh-'))).toEqual([]);
  });

  it.skipIf(!hasProc)('ends the remote command of a client that is killed', async () => {
    const sleep = markedSleep();
    const script = `$E exec -q lab/app -- sh -c '${sleep.join(' ')}' & sleep 1.5; kill -9 $!; sleep .1; $E exec -q lab/app -- true`;
    expect((await connected('lab/app', script)).status).toBe(0);
    await untilGone(sleep[1]);
  });

  it('ends a command on its time limit and on a signal', async () => {
    const { stdout } = await connected(
      'lab/app',
      '$E exec -q --timeout 0.2s lab/app -- sleep 60; echo $?; $E exec -q lab/app -- sleep 60 & sleep 1; kill -INT $!; wait $!; echo $?',
    );
    expect(stdout).toBe('124\n130\n');
  });

  it('rejects commands after ecsh connect was killed, instead of opening new sessions', async () => {
    const { status, stderr } = await connected(
      'lab/app',
      '$E exec -q lab/app -- true; kill -9 $PPID; $E exec -q lab/app -- true; $E exec -q --json lab/app -- true; $E cp -q lab/app:/etc/hostname -',
    );
    const report =
      'ecsh: The ecsh connect around this command has ended. [connect-gone]\n  Without it, each command opens its own session:  env -u ECSH_CONNECTED ecsh exec …\n';
    expect({ status, stderr }).toEqual({ status: 'SIGKILL', stderr: report.repeat(3) });
  });

  it('loads two files and no slow Node.js module for each further command', async () => {
    const trace = join(lab.folder, 'trace.cjs');
    writeFileSync(
      trace,
      `process.on('exit', () => {
        const files = Object.keys(require.cache).map((path) => path.split('/').slice(-2).join('/'));
        const costly = ['child_process', 'crypto', 'fs/promises', 'http', 'internal/modules/cjs/lexer', 'os', 'readline', 'tls', 'zlib'];
        const modules = costly.filter((name) => process.moduleLoadList.includes('NativeModule ' + name));
        require('node:fs').writeSync(2, JSON.stringify({ files: files.slice(1), modules }));
      });`,
    );
    const [node, program] = ECSH;
    const { stderr } = await connected(
      'lab/app',
      `${node} -r ${trace} ${program} exec -q lab/app -- true`,
    );
    expect(JSON.parse(stderr)).toEqual({
      files: ['bin/ecsh.js', 'dist/connected.cjs'],
      modules: [],
    });
  });

  it('suggests a command line if the local command is missing', async () => {
    expect(await lab.run(['connect', 'lab/app'])).toEqual({
      status: 255,
      stdout: '',
      stderr:
        "ecsh: There is no local command to run. [usage]\n  For example:  ecsh connect lab/app -- sh -c 'ecsh exec lab/app -- date'\n",
    });
  });

  it('fails if sharing is disabled', async () => {
    const env = { ...lab.environment, ECSH_NO_SHARE: '1' };
    const { status, stderr } = await lab.run(['connect', 'lab/app', '--', 'true'], { env });
    expect([status, stderr]).toEqual([255, expect.stringContaining('[sharing-refused]')]);
  });
});
