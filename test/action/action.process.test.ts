import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Lab } from '#test/helpers/e2e.ts';
import type { Program } from '#test/helpers/program.ts';
import { headText, tailText } from '../../action/output.mjs';

const YAML = readFileSync('action.yml', 'utf8');
const TASK = 'arn:aws:ecs:us-east-1:123456789012:task';

interface Ran {
  readonly status: number | string;
  /** The log, with the random token as TOKEN. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

describe('the GitHub Action', () => {
  let lab: Lab;
  let runs = 0;

  beforeAll(async () => {
    lab = await Lab.start('default');
    // The name under which npm installs it.
    mkdirSync(join(lab.folder, 'ecsh/node_modules'), { recursive: true });
    symlinkSync(resolve('.'), join(lab.folder, 'ecsh/node_modules/ecsh'));
    writeFileSync(join(lab.folder, 'step.sh'), scriptOf('run'));
  });

  afterAll(() => lab.stop());

  /** Plays the runner: inputs as variables, files for outputs and summary, stdout as the log. */
  function start(inputs: Readonly<Record<string, string>>): [Program, () => Promise<Ran>] {
    runs += 1;
    const output = join(lab.folder, `output${runs}`);
    const summary = join(lab.folder, `summary${runs}`);
    for (const file of [output, summary]) writeFileSync(file, '');
    const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value]);
    const bash = ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail'];
    const program = lab.startProgram([...bash, join(lab.folder, 'step.sh')], {
      env: {
        ...lab.environment,
        PATH: `${dirname(process.execPath)}${delimiter}${lab.environment.PATH}`,
        ...Object.fromEntries(variables),
        GITHUB_ACTION_PATH: resolve('.'),
        RUNNER_TEMP: lab.folder,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    return [program, () => seenOf(program, output, summary)];
  }

  function act(inputs: Readonly<Record<string, string>>): Promise<Ran> {
    const [, seen] = start(inputs);
    return seen();
  }

  it('passes every input that it has', () => {
    const [, inputs = ''] = /^inputs:\n((?: {2}.*\n| *\n)*)/m.exec(YAML) ?? [];
    const names = [...inputs.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    const given = [...YAML.matchAll(/(INPUT_[A-Z]+|VERSION): \$\{\{ inputs\.(\w+) \}\}/g)];
    expect(given.map(([, , name]) => name).sort()).toEqual(names.sort());
  });

  it('runs a script, and reports its status, its output and its task', async () => {
    const ran = await act({ TARGET: 'demo/pair@api', RUN: 'echo one\necho two', TIMEOUT: '30s' });
    const task = `${TASK}/demo/8cd53122acbba559757371989926fe6c`;
    expect(ran.outputs).toEqual({ status: '0', stdout: 'one\ntwo\n', task });
    expect(ran.status).toBe(0);
    expect(ran.log).toBe(
      '::group::ecsh exec demo/pair@api\n::stop-commands::TOKEN\none\ntwo\n\n::TOKEN::\n::endgroup::\n',
    );
    expect(ran.summary).toBe(
      '### `demo/pair@api`: status 0\n\nstdout:\n\n```\none\ntwo\n\n```\n\n\n',
    );
  });

  it('fails with the status of the command, and adds an annotation', async () => {
    const ran = await act({ TARGET: 'demo/pair@api', RUN: 'echo no >&2; false; echo never' });
    expect([ran.status, ran.outputs.status]).toEqual([1, '1']);
    expect(ran.log).toContain(
      '::error title=ecsh exec demo/pair@api::The command ended with status 1.\n',
    );
    expect(ran.log).not.toContain('never');
    expect(ran.summary).toContain('stderr:\n\n```\nno\n');
  });

  it('runs a program with its arguments, one per line', async () => {
    const ran = await act({ TARGET: 'pair@api', CLUSTER: 'demo', COMMAND: 'printf\n[%s]\na b\n' });
    expect(ran.outputs.stdout).toBe('[a b]');
  });

  it('reports why it could not run', async () => {
    const ran = await act({ TARGET: 'demo/off', RUN: 'true' });
    expect([ran.status, ran.outputs.stdout]).toEqual([255, '']);
    expect(ran.log).toMatch(/^::error title=ecsh exec demo\/off::ECS Exec /m);
  });

  it('runs in every task of a service', async () => {
    const ran = await act({ TARGET: 'demo/web', ALL: 'true', RUN: 'echo hi; exit 3' });
    const ids = ['99daa65799017ce7e089eafab06bbd21', 'f9d31bf14c5848eadef822cb82eb374f'];
    expect(ran.status).toBe(3);
    expect(ran.outputs).toEqual({
      status: '3',
      stdout: 'hi\nhi\n',
      task: ids.map((id) => `${TASK}/demo/${id}`).join('\n'),
    });
    expect(ran.log.match(/^::group::/gm)).toHaveLength(2);
  });

  it('uses the cluster of its input there too', async () => {
    const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/demo';
    for (const CLUSTER of ['demo', cluster]) {
      const ran = await act({ TARGET: 'pair@api', CLUSTER, ALL: 'true', RUN: 'echo hi' });
      expect([ran.status, ran.outputs.stdout]).toEqual([0, 'hi\n']);
    }
  });

  it("does not let the command's output send workflow commands", async () => {
    const run = "printf '::error::mine\\n```\\nstatus<<x\\n'";
    const { log, outputs, summary } = await act({ TARGET: 'demo/pair@api', RUN: run });
    const [, spoken = ''] = /::stop-commands::TOKEN\n([\s\S]*)\n::TOKEN::/.exec(log) ?? [];
    expect(spoken).toContain('::error::mine');
    expect(outputs.status).toBe('0');
    expect(summary).toContain('````\n::error::mine');
  });

  it.each([
    ['its own version', '', JSON.parse(readFileSync('package.json', 'utf8')).version],
    ['another one', '9.9.9', '9.9.9'],
  ])('installs %s', async (_name, VERSION, version) => {
    const programs = join(lab.folder, 'programs');
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, 'npm'), '#!/bin/sh\necho "$*"\n', { mode: 0o755 });
    const { stdout } = await lab.startProgram(['bash', '-e', '-c', scriptOf('install')], {
      env: {
        PATH: [programs, dirname(process.execPath), process.env.PATH].join(delimiter),
        GITHUB_ACTION_PATH: resolve('.'),
        RUNNER_TEMP: '/temp',
        VERSION,
      },
    }).finished;
    const flags = '--silent --no-audit --no-fund --omit=optional --prefix /temp/ecsh';
    expect(stdout).toBe(`install ${flags} ecsh@${version}\n`);
  });

  it.each([
    ['no target', { RUN: 'true' }, 'Give a target: [CLUSTER/]SERVICE, a task id, or an ARN.'],
    ['neither run nor command', { TARGET: 'demo/web' }, 'Give either run or command.'],
    [
      'an invalid time',
      { TARGET: 'demo/web', RUN: 'true', TIMEOUT: '10 minutes' },
      'timeout: "10 minutes" is no time such as 30s or 5m.',
    ],
    [
      'an answer other than true and false',
      { TARGET: 'demo/web', RUN: 'true', ALL: 'yes' },
      'all: "yes" is neither true nor false.',
    ],
    [
      'a variable without a value, which it does not show',
      { TARGET: 'demo/web', RUN: 'true', ENV: 'A=1\nhunter2' },
      'env: line 2 is not NAME=VALUE.',
    ],
  ])('refuses %s, before it runs anything', async (_name, inputs, message) => {
    const { status, log, outputs } = await act(inputs);
    expect({ status, log, outputs }).toEqual({
      status: 2,
      log: `::error title=ecsh::${message}\n`,
      outputs: { status: '2' },
    });
  });

  it('reports why there are no tasks to run in', async () => {
    const { status, log, outputs } = await act({
      TARGET: 'demo/nothing',
      ALL: 'true',
      RUN: 'true',
    });
    expect({ status, log, outputs }).toEqual({
      status: 255,
      log: expect.stringMatching(/^::error title=ecsh::.*nothing.*\n$/),
      outputs: { status: '255' },
    });
  });

  it('treats a name without a cluster as a service, even with all', async () => {
    const { log } = await act({ TARGET: 'pair@api', ALL: 'true', RUN: 'true' });
    expect(log).toMatch(/^::error title=ecsh::No cluster was named.*ecsh demo\/pair\n$/);
  });

  it('passes variables to the command', async () => {
    const run = 'printf "%s,%s" "$PGPASSWORD" "$B"';
    const { outputs } = await act({
      TARGET: 'demo/pair@api',
      RUN: run,
      ENV: 'PGPASSWORD=a=b c\nB=',
    });
    expect(outputs.stdout).toBe('a=b c,');
  });

  it('reports the task of a command that timed out', async () => {
    const { status, outputs } = await act({
      TARGET: 'demo/pair@api',
      RUN: 'exec sleep 60',
      TIMEOUT: '1s',
    });
    const task = `${TASK}/demo/8cd53122acbba559757371989926fe6c`;
    expect([status, outputs]).toEqual([124, { status: '124', stdout: '', task }]);
  });

  it('truncates an output that is too long, and says so', async () => {
    const run =
      'head -c 110000 /dev/zero | tr "\\0" x; head -c 5000 /dev/zero | tr "\\0" e >&2; exit 1';
    const { log, outputs, summary } = await act({ TARGET: 'demo/pair@api', RUN: run });
    expect(outputs.stdout).toBe('x'.repeat(102_400));
    expect(log).toContain(
      '::warning title=ecsh::The output stdout has the first 102400 of 110000 bytes.\n',
    );
    expect(summary).toContain(`stdout, the first 4096 bytes:\n\n\`\`\`\n${'x'.repeat(4096)}\n`);
    expect(summary).toContain(`stderr, the last 4096 bytes:\n\n\`\`\`\n${'e'.repeat(4096)}\n`);
  });

  it('ends the command if the job is cancelled, and starts no other', async () => {
    const mark = join(lab.folder, 'ended');
    const run = `trap 'echo ended >> ${mark}; exit 0' TERM INT; echo begun; while :; do sleep 1; done`;
    const [program, seen] = start({ TARGET: 'demo/web', ALL: 'true', RUN: run });
    await program.untilOutput('begun');
    // Like the runner: only to the process that it has started.
    process.kill(program.pid ?? 0, 'SIGINT');
    const { status, log } = await seen();
    expect(status).toBe(255);
    expect(log).toMatch(/::error title=ecsh exec .*::The job was cancelled\.\n$/);
    expect(log.match(/^::group::/gm)).toHaveLength(1);
    expect(readFileSync(mark, 'utf8')).toBe('ended\n');
  });
});

describe('the GitLab template', () => {
  it('runs a script, and fails with the status of the first command that fails', async () => {
    const lab = await Lab.start('default');
    const { '.ecsh': job } = parse(readFileSync('packaging/gitlab-ci.yml', 'utf8')) as {
      readonly '.ecsh': { readonly script: readonly string[] };
    };
    const program = join(lab.folder, 'node_modules/.bin/ecsh');
    mkdirSync(dirname(program), { recursive: true });
    symlinkSync(resolve('bin/ecsh.js'), program);
    const script = ['npm() { :; }', ...job.script].join('\n').replaceAll('/tmp/ecsh', lab.folder);
    const token = join(lab.folder, 'token');
    try {
      const ran = await lab.startProgram(['bash', '-e', '-o', 'pipefail', '-c', script], {
        env: {
          ...lab.environment,
          PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
          AWS_TOKEN: 'secret',
          AWS_WEB_IDENTITY_TOKEN_FILE: token,
          ECSH_VERSION: 'latest',
          ECSH_TARGET: 'demo/pair@api',
          ECSH_RUN: 'echo "a  b"; (exit 4); echo never',
        },
      }).finished;
      expect(ran).toEqual({ status: 4, stdout: 'a  b\n', stderr: '' });
      expect([readFileSync(token, 'utf8'), statSync(token).mode & 0o777]).toEqual([
        'secret',
        0o600,
      ]);
    } finally {
      await lab.stop();
    }
  });
});

describe('truncated text', () => {
  const bytes = Buffer.from('aä漢b');

  it('has no half of a character', () => {
    expect([7, 6, 5, 3, 2, 1].map((limit) => headText(bytes, limit))).toEqual([
      'aä漢b',
      'aä漢',
      'aä',
      'aä',
      'a',
      'a',
    ]);
    expect([1, 2, 3, 4].map((start) => tailText(bytes.subarray(start), false))).toEqual([
      'ä漢b',
      '漢b',
      '漢b',
      'b',
    ]);
    expect(tailText(bytes, true)).toBe('aä漢b');
  });
});

async function seenOf(program: Program, output: string, summary: string): Promise<Ran> {
  const { status, stdout } = await program.finished;
  const tokens = [...stdout.matchAll(/::stop-commands::(\S+)/g)].map(([, each]) => each ?? '');
  return {
    status,
    log: tokens.reduce((text, each) => text.replaceAll(each, 'TOKEN'), stdout),
    outputs: outputsIn(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
  };
}

/** The script of a step in action.yml. */
function scriptOf(id: string): string {
  const { runs } = parse(YAML) as {
    readonly runs: { readonly steps: readonly { readonly id: string; readonly run: string }[] };
  };
  return `${runs.steps.find((step) => step.id === id)?.run}\n`;
}

function outputsIn(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2\n/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name ?? '', value ?? '']));
}
