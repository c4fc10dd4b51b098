import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';

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
  });

  afterAll(() => lab.stop());

  /** Plays the runner: inputs as variables, files for outputs and summary, stdout as the log. */
  async function act(inputs: Readonly<Record<string, string>>): Promise<Ran> {
    runs += 1;
    const [output, summary] = ['output', 'summary'].map((name) => join(lab.folder, name + runs));
    for (const file of [output, summary]) writeFileSync(file ?? '', '');
    const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value]);
    const { status, stdout } = await lab.startProgram(
      [process.execPath, 'action/main.mjs', 'bin/ecsh.js'],
      {
        env: {
          ...lab.environment,
          ...Object.fromEntries(variables),
          GITHUB_OUTPUT: output ?? '',
          GITHUB_STEP_SUMMARY: summary ?? '',
        },
      },
    ).finished;
    const token = /::stop-commands::(\S+)/g;
    const tokens = [...stdout.matchAll(token)].map(([, each]) => each ?? '');
    return {
      status,
      log: tokens.reduce((text, each) => text.replaceAll(each, 'TOKEN'), stdout),
      outputs: outputsIn(readFileSync(output ?? '', 'utf8')),
      summary: readFileSync(summary ?? '', 'utf8'),
    };
  }

  it('is given every input that it has', () => {
    const [, inputs = ''] = /^inputs:\n((?: {2}.*\n| *\n)*)/m.exec(YAML) ?? [];
    const names = [...inputs.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    const given = [...YAML.matchAll(/(INPUT_[A-Z]+|VERSION): \$\{\{ inputs\.(\w+) \}\}/g)];
    expect(given.map(([, , name]) => name).sort()).toEqual(names.sort());
  });

  it('runs a script, and has its status, its output and its task', async () => {
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

  it('fails with the status of the command, in an annotation too', async () => {
    const ran = await act({ TARGET: 'demo/pair@api', RUN: 'echo no >&2; false; echo never' });
    expect([ran.status, ran.outputs.status]).toEqual([1, '1']);
    expect(ran.log).toContain(
      '::error title=ecsh exec demo/pair@api::The command ended with status 1.\n',
    );
    expect(ran.log).not.toContain('never');
    expect(ran.summary).toContain('stderr:\n\n```\nno\n');
  });

  it('takes a program with its arguments, a line each', async () => {
    const ran = await act({ TARGET: 'pair@api', CLUSTER: 'demo', COMMAND: 'printf\n[%s]\na b\n' });
    expect(ran.outputs.stdout).toBe('[a b]');
  });

  it('says why it could not run', async () => {
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

  it('takes the cluster from its input there too', async () => {
    const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/demo';
    for (const CLUSTER of ['demo', cluster]) {
      const ran = await act({ TARGET: 'pair@api', CLUSTER, ALL: 'true', RUN: 'echo hi' });
      expect([ran.status, ran.outputs.stdout]).toEqual([0, 'hi\n']);
    }
  });

  it('does not let the command speak to the runner', async () => {
    const run = "printf '::error::mine\\n```\\nstatus<<x\\n'";
    const { log, outputs, summary } = await act({ TARGET: 'demo/pair@api', RUN: run });
    const [, spoken = ''] = /::stop-commands::TOKEN\n([\s\S]*)\n::TOKEN::/.exec(log) ?? [];
    expect(spoken).toContain('::error::mine');
    expect(outputs.status).toBe('0');
    expect(summary).toContain('````\n::error::mine');
  });

  it('needs one of run and command', async () => {
    const { status, log } = await act({ TARGET: 'demo/web' });
    expect([status, log]).toEqual([2, '::error title=ecsh::Give either run or command.\n']);
  });

  it('refuses a time that is none, before it runs anything', async () => {
    const { status, log } = await act({ TARGET: 'demo/web', RUN: 'true', TIMEOUT: '10 minutes' });
    expect([status, log]).toEqual([
      2,
      '::error title=ecsh::timeout: "10 minutes" is no time such as 30s or 5m.\n',
    ]);
  });

  it('says why it has no tasks to run in', async () => {
    const { status, log } = await act({ TARGET: 'demo/nothing', ALL: 'true', RUN: 'true' });
    expect([status, log]).toEqual([
      255,
      expect.stringMatching(/^::error title=ecsh::.*nothing.*\n$/),
    ]);
  });
});

function outputsIn(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2\n/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name ?? '', value ?? '']));
}
