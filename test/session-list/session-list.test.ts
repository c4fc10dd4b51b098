import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { SessionDetails } from '#domain/ports/session-responses.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import { findSessions, type ListedPlace } from '#session-list/session-list.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ME = 'arn:aws:sts::123456789012:assumed-role/dev/me';
const ANA = 'arn:aws:sts::123456789012:assumed-role/dev/ana';
const ECS = 'arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForECS/ecs-execute-command';
const WEB = 'a'.repeat(32);
const JOB = 'b'.repeat(32);

const TASKS = [
  sampleTask(WEB, { containers: [sampleContainer('app', { runtimeId: `${WEB}-1` })] }),
  sampleTask(JOB, {
    group: 'family:site',
    containers: [sampleContainer('job', { runtimeId: `${JOB}-1` })],
  }),
];

function session(id: string, changes: Partial<SessionDetails> = {}): SessionDetails {
  return {
    SessionId: `ecs-execute-command-${id}`,
    Target: `ecs:prod_${WEB}_${WEB}-1`,
    Status: 'Connected',
    StartDate: new Date('2026-03-01T10:00:00Z'),
    DocumentName: 'AmazonECS-ExecuteInteractiveCommand',
    Owner: ECS,
    ...changes,
  };
}

const MINE = session('1');
const ANAS = session('2', { StartDate: new Date('2026-03-01T11:00:00Z') });
const PORT = session('3', {
  SessionId: 'ana-3',
  Owner: ANA,
  DocumentName: 'AWS-StartPortForwardingSession',
  StartDate: new Date('2026-03-01T09:00:00Z'),
});
const OF_JOB = session('4', { Target: `ecs:prod_${JOB}_${JOB}-1`, StartDate: undefined });
const ELSEWHERE = session('5', { Target: `ecs:dev_${WEB}_other`, StartDate: undefined });
const INSTANCE = session('6', { Target: 'i-0123456789abcdef0' });
const ALL = [MINE, ANAS, PORT, OF_JOB, ELSEWHERE, INSTANCE];

/** CloudTrail's record of the call that started a session. */
function record({ SessionId = '' }: SessionDetails, arn: string) {
  const event = {
    userIdentity: { arn },
    responseElements: { session: { sessionId: SessionId } },
  };
  return { CloudTrailEvent: JSON.stringify(event) };
}

interface World {
  readonly found?: readonly SessionDetails[];
  readonly trail?: readonly object[] | EcshError;
  readonly caller?: string | EcshError;
  readonly tasks?: EcshError;
}

async function find(place: ListedPlace = {}, world: World = {}) {
  const { found = ALL, trail = [record(MINE, ME), record(ANAS, ANA)], caller = ME } = world;
  const answer = <T>(value: T | EcshError): T => {
    if (value instanceof EcshError) throw value;
    return value;
  };
  return findSessions(
    {
      sessions: { listSessions: async () => found },
      ecs: {
        describeTasks: async (cluster, ids) => {
          if (world.tasks !== undefined) throw world.tasks;
          return cluster === 'prod'
            ? TASKS.filter(({ taskArn }) => ids.some((id) => taskArn.endsWith(id)))
            : [];
        },
      },
      sts: async () => ({ getCallerIdentity: async () => ({ Arn: answer(caller) }) }),
      trail: async () => ({ lookupExecEvents: async () => answer(trail) }),
    },
    { state: 'Active' },
    place,
  );
}

const ids = (found: Awaited<ReturnType<typeof find>>) =>
  found.map(({ sessionId }) => sessionId.slice(-1)).join('');

describe('findSessions', () => {
  it('joins a session with its container and its caller', async () => {
    const [first] = await find({}, { found: [ANAS] });
    expect(first).toEqual({
      sessionId: 'ecs-execute-command-2',
      targetId: `ecs:prod_${WEB}_${WEB}-1`,
      cluster: 'prod',
      taskId: WEB,
      runtimeId: `${WEB}-1`,
      service: 'web',
      family: 'site',
      container: 'app',
      owner: ECS,
      user: ANA,
      whose: 'others',
      kind: 'command',
      document: 'AmazonECS-ExecuteInteractiveCommand',
      status: 'Connected',
      startedAt: new Date('2026-03-01T11:00:00Z'),
      endedAt: undefined,
      reason: undefined,
    });
  });

  it('lists the newest first, and leaves out sessions of instances', async () => {
    expect(ids(await find())).toBe('21345');
  });

  it.each<[string, ListedPlace, string]>([
    ['a cluster', { cluster: 'dev' }, '5'],
    ['a service', { cluster: 'prod', target: parseTarget('prod/web') }, '213'],
    ['a service by kind', { target: parseTarget('service:web') }, '213'],
    ['a family', { cluster: 'prod', target: parseTarget('family:site') }, '2134'],
    ['a task', { cluster: 'prod', target: parseTarget(`prod/${JOB}`) }, '4'],
    ['the prefix of a task id', { cluster: 'prod', target: parseTarget('prod/bbbb') }, '4'],
    ['a task by kind', { cluster: 'prod', target: parseTarget('task:bb') }, '4'],
    ['a container', { cluster: 'prod', target: parseTarget('prod/web@app') }, '213'],
    ['another container', { cluster: 'prod', target: parseTarget('prod/web@db') }, ''],
    ['a container by option', { container: 'job' }, '4'],
  ])('lists the sessions of %s', async (_name, place, expected) => {
    expect(ids(await find(place))).toBe(expected);
  });

  const denied = new EcshError('access-denied', 'No.');

  it.each<[string, World, readonly string[]]>([
    ['CloudTrail and STS answer', {}, ['others', 'yours', 'others']],
    ['CloudTrail has not recorded the calls', { trail: [] }, ['unknown', 'unknown', 'others']],
    [
      'the caller lacks permission for CloudTrail',
      { trail: denied },
      ['unknown', 'unknown', 'others'],
    ],
    [
      'CloudTrail has garbage',
      { trail: [{ CloudTrailEvent: '{' }, {}] },
      ['unknown', 'unknown', 'others'],
    ],
    ['STS does not answer', { caller: denied }, ['unknown', 'unknown', 'unknown']],
  ])('reports the owner if %s', async (_name, world, expected) => {
    const found = await find({}, { found: [MINE, ANAS, PORT], ...world });
    expect(found.map(({ whose }) => whose)).toEqual(expected);
  });

  it('does not read CloudTrail if Session Manager names all callers', async () => {
    const trail = new EcshError('access-denied', 'not to be asked');
    const found = await find({}, { found: [PORT], trail });
    expect(found.map(({ user }) => user)).toEqual([ANA]);
  });

  it('lists sessions without names if the caller lacks permission to read tasks, unless a name is given', async () => {
    const found = await find({}, { found: [MINE], tasks: denied });
    expect(found).toMatchObject([{ service: undefined, container: undefined, taskId: WEB }]);
    const place = { cluster: 'prod', target: parseTarget('prod/web') };
    await expect(find(place, { tasks: denied })).rejects.toBe(denied);
  });
});
