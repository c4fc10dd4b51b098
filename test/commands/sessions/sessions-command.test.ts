import { describe, expect, it } from 'vitest';
import type { EndOptions } from '#commands/sessions/run-sessions-end.ts';
import type { SessionsOptions } from '#commands/sessions/run-sessions-ls.ts';
import { addSessionsCommand } from '#commands/sessions/sessions-command.ts';
import type { SessionDetails, SessionQuery } from '#domain/ports/session-responses.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { FakeRemote } from '#test/fakes/fake-remote.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { confirming } from '#test/fakes/scripted-prompts.ts';
import { FakeApp, run } from '#test/helpers/app.ts';
import { defined, optionsOf } from '#test/helpers/command-options.ts';

const TASK = 'a'.repeat(32);
const ME = 'arn:aws:sts::123456789012:assumed-role/dev/me';
const ANA = 'arn:aws:sts::123456789012:assumed-role/dev/ana';
const NOW = new ManualClock().now();
const minutes = (count: number) => new Date(NOW - count * 60_000);

function session(id: string, owner: string, changes: Partial<SessionDetails> = {}) {
  const SessionId = `${owner.slice(owner.lastIndexOf('/') + 1)}-${id.repeat(17)}`;
  return {
    Target: `ecs:prod_${TASK}_${TASK}-1`,
    Status: 'Connected',
    StartDate: minutes(30),
    DocumentName: 'AWS-StartPortForwardingSession',
    Owner: owner,
    ...changes,
    SessionId,
  };
}

const MINE = session('1', ME);
const ANAS = session('2', ANA, { StartDate: minutes(90) });
const UNKNOWN = session(
  '3',
  'arn:aws:sts::1:assumed-role/AWSServiceRoleForECS/ecs-execute-command',
  {
    DocumentName: 'AmazonECS-ExecuteInteractiveCommand',
    StartDate: minutes(5),
  },
);

interface Cloud {
  readonly app: FakeApp;
  readonly queries: SessionQuery[];
}

function cloud(found: readonly SessionDetails[], answer?: boolean): Cloud {
  const queries: SessionQuery[] = [];
  const container = sampleContainer('app', { runtimeId: `${TASK}-1` });
  const app = new FakeApp({
    remote: new FakeRemote([sampleTask(TASK, { containers: [container] })]),
    doctor: fakeDoctor({
      sessions: {
        listSessions: async (query) => {
          queries.push(query);
          return found;
        },
      },
      sts: { getCallerIdentity: async () => ({ Arn: ME }) },
      trail: { lookupExecEvents: async () => [] },
    }),
    ...confirming(answer),
  });
  return { app, queries };
}

describe('sessions', () => {
  it('prints a table of sessions with their owners, containers and ages', async () => {
    const { app } = cloud([MINE, ANAS, UNKNOWN]);
    const { status, stdout, stderr } = await run(['sessions'], app);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'WHO is ? where CloudTrail, which takes minutes, does not show who started a session, or you may not read it.\n',
    });
    expect(stdout).toBe(
      [
        'WHO       CONTAINER     FOR  TASK                              KIND     STATUS     SESSION',
        `?         prod/web@app   5m  ${TASK}  command  Connected  ${UNKNOWN.SessionId}`,
        `me (you)  prod/web@app  30m  ${TASK}  port     Connected  ${MINE.SessionId}`,
        `ana       prod/web@app  90m  ${TASK}  port     Connected  ${ANAS.SessionId}`,
        '',
      ].join('\n'),
    );
  });

  it('prints JSON with every key', async () => {
    const { app } = cloud([UNKNOWN]);
    const { stdout } = await run(['sessions', 'ls', '--json', 'prod/web'], app);
    expect(JSON.parse(stdout)).toEqual([
      {
        sessionId: UNKNOWN.SessionId,
        target: `prod/${TASK}@app`,
        cluster: 'prod',
        taskId: TASK,
        service: 'web',
        family: 'site',
        container: 'app',
        runtimeId: `${TASK}-1`,
        targetId: UNKNOWN.Target,
        user: null,
        owner: UNKNOWN.Owner,
        isYours: null,
        kind: 'command',
        document: UNKNOWN.DocumentName,
        status: 'Connected',
        reason: null,
        startedAt: minutes(5).toISOString(),
        endedAt: null,
      },
    ]);
  });

  it.each([
    [['sessions', 'prod'], 'No session is open in cluster prod.\n', { state: 'Active' }],
    [['sessions', 'prod/wbe'], 'No session is open in prod/wbe.\n', { state: 'Active' }],
    [
      ['sessions', '--since', '2h'],
      'No session is open.\n',
      { state: 'Active', after: minutes(120) },
    ],
    [
      ['sessions', '--history', '-A'],
      'No session has ended since then.\n',
      { state: 'History', after: minutes(24 * 60) },
    ],
  ])('succeeds without any session: %j', async (argv, stderr, query) => {
    const { app, queries } = cloud([]);
    expect(await run(argv, app)).toEqual({ status: 0, stdout: '', stderr });
    expect(queries).toEqual([query]);
  });

  it('takes a misspelt cluster for an error', async () => {
    const { status, stdout, stderr } = await run(['sessions', 'pord'], cloud([]).app);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^ecsh: There is no cluster "pord".*\[cluster-not-found\]\n {2}Did you mean prod\?/,
    );
  });

  it('shows how long an ended session lasted', async () => {
    const { app } = cloud([{ ...ANAS, Status: 'Terminated', EndDate: minutes(45) }]);
    const { stdout } = await run(['sessions', '--history'], app);
    expect(stdout.split('\n')[1]).toBe(
      `ana  prod/web@app    90m     45m  ${TASK}  port  Terminated  ${ANAS.SessionId}`,
    );
  });
});

describe('sessions end', () => {
  const said = (name: string, age: string, { SessionId }: SessionDetails) =>
    `${name} in prod/web@app for ${age}: ${SessionId}`;

  it("ends the caller's session by the start of its id, after a question", async () => {
    const { app } = cloud([MINE, ANAS], true);
    const { status, stderr } = await run(['sessions', 'end', '111'], app);
    expect([status, stderr.split('\n')]).toEqual([
      0,
      [said('me (you)', '30m', MINE), '1 session was ended.', ''],
    ]);
    expect(app.remote.terminated).toEqual([MINE.SessionId]);
  });

  it('ends nothing if the answer is no, or with --dry-run', async () => {
    const { app } = cloud([MINE], false);
    expect((await run(['sessions', 'end', '111'], app)).status).toBe(1);
    expect((await run(['sessions', 'end', '111', '--dry-run'], app)).status).toBe(0);
    expect(app.remote.terminated).toEqual([]);
  });

  it("ends the caller's sessions in a target, and keeps the others", async () => {
    const { app } = cloud([MINE, ANAS, UNKNOWN]);
    const { status, stdout, stderr } = await run(
      ['sessions', 'end', '--json', '-y', 'prod/web'],
      app,
    );
    expect([status, JSON.parse(stdout)]).toEqual([0, { sessionId: MINE.SessionId, ended: true }]);
    expect(stderr.split('\n')[0]).toBe('2 in prod/web not known to be yours stay open.');
    expect(app.remote.terminated).toEqual([MINE.SessionId]);
  });

  it.each([
    [ANAS, `was started by ${ANA}.`, 'End it'],
    [
      UNKNOWN,
      'may not be yours: CloudTrail does not show who started it.',
      'CloudTrail takes minutes to record a session. End it',
    ],
  ])("requires --others for another user's session", async (other, message, hint) => {
    for (const word of [other.SessionId, 'prod/web']) {
      expect(await run(['sessions', 'end', '-y', word], cloud([other]).app)).toEqual({
        status: 1,
        stdout: '',
        stderr: [
          `ecsh: Session ${other.SessionId} ${message} [session-of-others]`,
          `  ${hint} all the same, and what runs in it:  ecsh sessions end ${other.SessionId} --others`,
          '',
        ].join('\n'),
      });
    }
    const { app } = cloud([other]);
    expect((await run(['sessions', 'end', '-y', '--others', 'prod/web'], app)).status).toBe(0);
    expect(app.remote.terminated).toEqual([other.SessionId]);
  });

  it.each([
    ['ecs-execute-command-0123456789abcdef0', 'No open session is'],
    ['prod/web', 'No session is open in'],
  ])('fails if there is none: %s', async (word, message) => {
    const { status, stderr } = await run(['sessions', 'end', '-y', word], cloud([]).app);
    expect([status, stderr]).toEqual([
      1,
      `ecsh: ${message} ${word}. [no-such-session]\n  List those that are open:  ecsh sessions\n`,
    ]);
  });
});

describe('options of sessions', () => {
  const color = 'auto';
  const add: Parameters<typeof optionsOf<SessionsOptions | EndOptions>>[0] = (
    program,
    invocation,
    given,
  ) => addSessionsCommand(program, invocation, { ls: given, end: given });

  it.each<[readonly string[], object]>([
    [['sessions'], {}],
    [['sessions', 'prod/web'], { place: 'prod/web' }],
    [['sessions', 'ls', 'prod', '--wide'], { place: 'prod', wide: true }],
    [['sessions', '-A', '--history'], { allClusters: true, history: true }],
    [
      ['sessions', 'end', 'a', 'b', '--others', '-y'],
      { words: ['a', 'b'], others: true, yes: true },
    ],
  ])('%j', async (argv, expected) => {
    const options = await optionsOf<SessionsOptions | EndOptions>(add, argv);
    expect(defined(options)).toEqual({ color, ...expected });
  });
});
