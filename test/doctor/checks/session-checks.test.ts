import { describe, expect, it } from 'vitest';
import type { ActiveSession, ExecEvent } from '#domain/ports/session-responses.ts';
import { denied, diagnosisOf, type World } from '#test/fakes/doctor-world.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

type Answers = NonNullable<World['answers']>;

const TWO: readonly ActiveSession[] = Reflect.get(
  Object(readFixture('destinations/sessions-active-two.json')),
  'Sessions',
);
const world = (answers: Answers): World => ({ areas: ['task', 'setup', 'sessions'], answers });

describe('session-limit', () => {
  const open = (sessions: readonly ActiveSession[]) =>
    world({ sessions: { describeSessions: async () => sessions } });

  it('passes below the limit', async () => {
    expect((await diagnosisOf(open(TWO.slice(1)))).of('session-limit')).toMatchObject({
      status: 'pass',
      message: '1 session is open on app.',
    });
  });

  it('warns at the limit, and lists the open sessions with their owners', async () => {
    const { of } = await diagnosisOf(open(TWO));
    expect(of('session-limit')).toMatchObject({
      status: 'warn',
      message:
        '2 sessions are open on app: ecs-execute-command-010b2mzrq8x5yw3t4v6u7s9a1c of ecs-execute-command since 2026-03-01T14:40:49.574Z, ecs-execute-command-020b2mzrq8x5yw3t4v6u7s9a1c of ecs-execute-command since 2026-03-01T14:40:49.574Z. The default limit is 2 per container.',
      fix: {
        command: 'ecsh sessions end ecs-execute-command-010b2mzrq8x5yw3t4v6u7s9a1c',
      },
    });
  });

  it('asks only about the chosen container', async () => {
    const asked: string[] = [];
    const describeSessions = async (target: string) => {
      asked.push(target);
      return [];
    };
    await diagnosisOf(world({ sessions: { describeSessions } }));
    expect(asked).toEqual(['ecs:prod_a1_runtime-of-app']);
  });

  it('names the missing permission', async () => {
    const { of } = await diagnosisOf(world({ sessions: { describeSessions: denied } }));
    expect(of('session-limit')).toMatchObject({
      status: 'unknown',
      evidence: { missingPermission: 'ssm:DescribeSessions' },
    });
  });
});

describe('idle-timeout', () => {
  it('reports the fixed limit', async () => {
    expect((await diagnosisOf(world({}))).of('idle-timeout')).toMatchObject({
      status: 'info',
      message: expect.stringMatching(
        /closes idle sessions after 20 minutes, a fixed limit; --keepalive/,
      ),
    });
  });
});

describe('audit-trail', () => {
  const event = (requestParameters: object): ExecEvent => ({
    Username: 'jane',
    EventTime: new Date('2026-03-01T12:00:00Z'),
    CloudTrailEvent: JSON.stringify({ requestParameters }),
  });
  const trail = (...events: ExecEvent[]) =>
    world({ trail: { lookupExecEvents: async () => events } });

  it('reports the last exec into the task without its command line', async () => {
    const { of, results } = await diagnosisOf(
      trail(
        event({ cluster: 'prod', task: 'b2', container: 'web', command: 'psql password=hunter2' }),
        event({
          cluster: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod',
          task: 'arn:aws:ecs:us-east-1:123456789012:task/prod/a1',
          container: 'app',
          command: 'psql password=hunter2',
        }),
      ),
    );
    expect(of('audit-trail')).toMatchObject({
      status: 'info',
      message: expect.stringMatching(/^Last exec by jane at 2026-03-01T12:00:00.000Z into app\./),
    });
    expect(JSON.stringify(results)).not.toContain('hunter2');
  });

  it('reports the last exec in the cluster if there was none into the task', async () => {
    const { of } = await diagnosisOf(
      trail(event({ cluster: 'prod', task: 'b2', container: 'web' })),
    );
    expect(of('audit-trail').message).toContain('into web');
  });

  it('passes if there was no exec in the cluster', async () => {
    const other = event({ cluster: 'test', task: 'b2' });
    const { of } = await diagnosisOf(trail(other, { CloudTrailEvent: 'no JSON' }));
    expect(of('audit-trail')).toMatchObject({ status: 'pass' });
  });
});
