import { beforeEach, describe, expect, it } from 'vitest';
import type { ClusterDetails } from '#domain/ports/ecs-responses.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { FakeLog } from '#test/fakes/fake-log.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

const SESSION = 'ecs-execute-command-0123456789abcdef0';
const OTHER = 'ecs-execute-command-0124456789abcdef0';
const TASK = 'aaaa0000000000000000000000000001';
const TARGET = `ecs:prod_${TASK}_${TASK}-1`;
const TRANSCRIPT =
  'Script started on 2026-01-31\n$ rm \u001b[31mfile\u001b[0m\u001b]0;title\u0007\n10%\r20%\n\nScript done on 2026-01-31';
const READABLE = '$ rm \\x1b[31mfile\\x1b[0m\\x1b]0;title\\x07\n20%\n';

type Logging = NonNullable<ClusterDetails['configuration']>['executeCommandConfiguration'];
let logging: Logging;
let target: string | undefined;
let objects: Record<string, string>;
let log: FakeLog;

beforeEach(() => {
  logging = { logging: 'OVERRIDE', logConfiguration: { cloudWatchLogGroupName: '/audit' } };
  target = undefined;
  objects = {};
  log = new FakeLog();
});

function logs(...words: readonly string[]) {
  const details = {
    describeCluster: async (name: string) =>
      name === 'prod' ? { configuration: { executeCommandConfiguration: logging } } : undefined,
    describeTaskDefinition: async () => ({
      containerDefinitions: [
        {
          name: 'app',
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': '/web', 'awslogs-stream-prefix': 'ecs' },
          },
        },
      ],
    }),
  };
  const app = new FakeApp({
    ecs: fakeEcs({ clusters: { prod: [sampleTask(TASK)] } }),
    logEvents: async () => log,
    sessionLogs: async () => ({
      targetOf: async () => target,
      readObject: async (bucket, key) => objects[`${bucket}/${key}`],
    }),
    doctor: fakeDoctor({
      ecs: details,
      sessions: { listSessions: async () => [{ SessionId: SESSION }, { SessionId: OTHER }] },
    }),
  });
  return run(['logs', '--session', SESSION, ...words], app);
}

describe('ecsh logs --session', () => {
  it("shows the log that the agent wrote to the cluster's log group, with escape sequences made visible", async () => {
    log.write(SESSION, 1, TRANSCRIPT);
    expect(await logs('-C', 'prod')).toEqual({
      status: 0,
      stdout: READABLE,
      stderr: `Session ${SESSION}, from log group /audit.\n`,
    });
  });

  it('prints the log as recorded with --raw, and one part per line with --json', async () => {
    log.write(SESSION, 1, TRANSCRIPT);
    expect((await logs('-C', 'prod', '--raw')).stdout).toBe(TRANSCRIPT);
    const { stdout } = await logs('-C', 'prod', '--json');
    expect(JSON.parse(stdout)).toEqual({
      session: SESSION,
      kind: 'output',
      stream: 'terminal',
      text: '$ rm \u001b[31mfile\u001b[0m\u001b]0;title\u0007\n10%\r20%\n',
    });
  });

  it("finds the log in the cluster's bucket", async () => {
    logging = {
      logging: 'OVERRIDE',
      logConfiguration: { s3BucketName: 'audit', s3KeyPrefix: 'exec/' },
    };
    objects = { [`audit/exec/${SESSION}.log`]: TRANSCRIPT };
    expect(await logs('-C', 'prod')).toEqual({
      status: 0,
      stdout: READABLE,
      stderr: `Session ${SESSION}, from s3://audit/exec/${SESSION}.log.\n`,
    });
  });

  it("looks up the task in Session Manager, and reads its containers' log group, for DEFAULT", async () => {
    logging = undefined;
    target = TARGET;
    log.write(SESSION, 1, TRANSCRIPT);
    expect(await logs()).toEqual({
      status: 0,
      stdout: READABLE,
      stderr: `Session ${SESSION}, from log group /web.\n`,
    });
  });

  it.each<[string, readonly string[], () => void, string]>([
    ['session-not-found', [], () => undefined, 'Session Manager does not know session'],
    ['cluster-not-found', ['-C', 'none'], () => undefined, 'There is no cluster none.'],
    [
      'session-not-logged',
      ['-C', 'prod'],
      () => (logging = { logging: 'NONE' }),
      'Cluster prod keeps no logs of sessions.',
    ],
    [
      'session-log-missing',
      ['-C', 'prod'],
      () => undefined,
      `There is no log of session ${SESSION} in log group /audit.`,
    ],
  ])('%s', async (code, words, arrange, message) => {
    arrange();
    const { status, stdout, stderr } = await logs(...words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(`[${code}]`);
  });

  it('does not say again to name the cluster', async () => {
    logging = undefined;
    expect((await logs('-C', 'prod')).stderr).toContain(
      'It forgets sessions after 30 days. Those that it knows:  ecsh sessions --history --since 30d -C prod\n',
    );
  });

  it('takes the unique start of the random part', async () => {
    log.write(SESSION, 1, TRANSCRIPT);
    expect((await logs('-C', 'prod', '--session', '0123')).stdout).toBe(READABLE);
    expect(await logs('-C', 'prod', '--session', '012')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"012" is the start of several session ids.'),
    });
  });

  it('takes the random part of the id alone', async () => {
    const part = '0k3x9w2v1b0k3x9w2v1b0k3x9w';
    log.write(`ecs-execute-command-${part}`, 1, TRANSCRIPT);
    // The later flag counts.
    expect((await logs('-C', 'prod', '--session', part)).stdout).toBe(READABLE);
  });

  it.each([[['prod/web']], [['-f']]])('rejects a target and -f: %j', async (words) => {
    expect((await logs(...words)).status).toBe(2);
  });
});
