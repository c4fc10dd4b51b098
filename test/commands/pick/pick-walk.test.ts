import { describe, expect, it } from 'vitest';
import { Cancelled } from '#commands/cancelled.ts';
import { type PickStart, pickTarget } from '#commands/pick/pick-walk.ts';
import type { PickWorld } from '#commands/pick/pick-world.ts';
import type { EcshError } from '#domain/errors/errors.ts';
import type { TaskQuery } from '#domain/ports/ecs-ports.ts';
import type { Answer, Choice, Question } from '#domain/ports/prompt-ports.ts';
import { type FakeEcs, type FakeFleet, fakeEcs } from '#test/fakes/fake-ecs.ts';
import {
  type FakeInventory,
  type FakeInventoryContent,
  fakeInventory,
  sampleCluster,
  sampleService,
} from '#test/fakes/fake-inventory.ts';
import { clusterArn, sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';
import { type Reply, ScriptedPrompts } from '#test/fakes/scripted-prompts.ts';

const NOW = Date.parse('2026-03-01T17:40:00Z');

const NEWEST = sampleTask('aaaaaaaaaaaa1111');
const OLDER = sampleTask('bbbbbbbbbbbb2222', { startedAt: new Date('2026-03-01T10:00:00Z') });
const PAIR = sampleTask('cccccccccccc3333', {
  group: 'service:pair',
  containers: [
    sampleContainer('aws-guardduty-agent-x'),
    sampleContainer('api'),
    sampleContainer('worker'),
  ],
});
const OFF = sampleTask('dddddddddddd4444', {
  enableExecuteCommand: false,
  containers: [sampleContainer('app', { managedAgents: [] })],
});
const PENDING = sampleTask('eeeeeeeeeeee5555', {
  containers: [
    sampleContainer('app', {
      managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: 'PENDING' }],
    }),
  ],
});
const BATCH = sampleTask('ffffffffffff6666', { group: 'family:site' });

interface World {
  readonly fleet?: FakeFleet;
  readonly content?: FakeInventoryContent;
  readonly start?: PickStart;
}

interface Outcome {
  readonly target: string | Error;
  readonly prompts: ScriptedPrompts;
  readonly failures: readonly string[];
  readonly ecs: FakeEcs;
  readonly inventory: FakeInventory;
}

/** Two clusters; `prod` has service web with two tasks, and service pair with two containers. */
const FLEET: FakeFleet = {
  clusters: { prod: [NEWEST, OLDER, PAIR], stage: [] },
  services: ['web', 'pair'],
};
const CONTENT: FakeInventoryContent = {
  clusters: [
    sampleCluster('prod', { runningTasksCount: 3, activeServicesCount: 2 }),
    sampleCluster('stage', { runningTasksCount: 0, activeServicesCount: 0 }),
  ],
  services: [
    sampleService('web', { runningCount: 2, desiredCount: 3 }),
    sampleService('pair', { enableExecuteCommand: false, launchType: 'EC2' }),
  ],
};

async function walk(replies: readonly Reply[], world: World = {}): Promise<Outcome> {
  const { fleet = FLEET, content = CONTENT, start = {} } = world;
  const prompts = new ScriptedPrompts(replies);
  const ecs = fakeEcs(fleet);
  const inventory = fakeInventory(content);
  const failures: string[] = [];
  const picking = pickTarget(
    {
      prompts,
      open: async () => ({ ecs, inventory }),
      flags: {},
      now: () => NOW,
      onFailure: ({ code }: EcshError) => failures.push(code),
      exits: [],
    },
    start,
  );
  const target = await picking.then(
    (picked) => (picked.kind === 'saved' ? picked.name : picked.target),
    (error: Error) => error,
  );
  return { target, prompts, failures, ecs, inventory };
}

const back = { kind: 'back' } as const;

describe('choosing a container', () => {
  it('leads through clusters, services, tasks and containers', async () => {
    const { target, prompts } = await walk(['prod', 'pair', 'worker']);
    expect(target).toBe('prod/pair@worker');
    expect(prompts.asked).toEqual([
      {
        message: 'Cluster',
        lines: ['prod  3 tasks  2 services', '(stage  0 tasks  0 services)'],
      },
      {
        message: 'Service in prod',
        lines: ['pair  1/1  exec off  EC2', 'web  2/3  ready     FARGATE', 'all tasks'],
      },
      {
        message: 'Container of task cccccccccccc',
        lines: [
          'api  RUNNING  ready',
          'worker  RUNNING  ready',
          '(aws-guardduty-agent-x  RUNNING  ready  GuardDuty Runtime Monitoring)',
        ],
      },
    ]);
    expect(prompts.waits).toEqual([
      'Loading clusters…',
      'Loading services of prod…',
      'Loading tasks of prod/pair…',
    ]);
  });

  it('names the newest ready task by its service, and others by id', async () => {
    expect((await walk(['prod', 'web', 'aaaa'])).target).toBe('prod/web');
    expect((await walk(['prod', 'web', 'bbbb'])).target).toBe('prod/bbbbbbbbbbbb');
    expect((await walk(['prod', 'all', 'aaaa'])).target).toBe('prod/aaaaaaaaaaaa');
  });

  it('names it by id if the caller needs one specific task', async () => {
    const start = { strict: true };
    expect((await walk(['prod', 'web', 'aaaa'], { start })).target).toBe('prod/aaaaaaaaaaaa');
    expect((await walk(['prod', 'pair', 'api'], { start })).target).toBe('prod/pair@api');
  });

  it('goes back one question at a time, past those that were not asked', async () => {
    const { target, prompts, ecs } = await walk([
      'prod',
      'pair',
      back,
      'web',
      back,
      back,
      'prod',
      'web',
      'aaaa',
    ]);
    expect(target).toBe('prod/web');
    expect(prompts.asked.map(({ message }) => message)).toEqual([
      'Cluster',
      'Service in prod',
      'Container of task cccccccccccc',
      'Service in prod',
      'Task of prod/web',
      'Service in prod',
      'Cluster',
      'Service in prod',
      'Task of prod/web',
    ]);
    expect(prompts.questions.map(({ canGoBack }) => canGoBack)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(ecs.calls.filter((call) => call === 'listClusters')).toHaveLength(1);
  });

  it('ends on Ctrl-C at any question', async () => {
    const cancelled = { kind: 'cancelled', by: 'SIGTERM' } as const;
    expect((await walk(['prod', 'web', cancelled])).target).toEqual(new Cancelled('SIGTERM'));
    expect((await walk([{ kind: 'cancelled' }])).target).toEqual(new Cancelled('SIGINT'));
  });

  it('skips questions with only one answer', async () => {
    const { target, prompts } = await walk([], {
      fleet: { clusters: { prod: [NEWEST] }, services: ['web'] },
      content: { clusters: [sampleCluster('prod')], services: [sampleService('web')] },
    });
    expect(target).toBe('prod/web');
    expect(prompts.asked).toEqual([]);
  });
});

describe('choosing starts with the open question:', () => {
  it.each<readonly [string, PickStart, readonly Reply[], string, string]>([
    ['a cluster', { cluster: 'prod' }, ['web', 'aaaa'], 'Service in prod', 'prod/web'],
    [
      'a cluster ARN',
      { cluster: clusterArn('prod') },
      ['web', 'aaaa'],
      'Service in prod',
      'prod/web',
    ],
    [
      'a service',
      { cluster: 'prod', owner: { kind: 'service', name: 'web' } },
      ['bbbb'],
      'Task of prod/web',
      'prod/bbbbbbbbbbbb',
    ],
    [
      'a container',
      { cluster: 'prod', container: 'app' },
      ['web', 'aaaa'],
      'Service in prod',
      'prod/web@app',
    ],
  ])('after %s', async (_name, start, replies, message, expected) => {
    const { target, prompts } = await walk(replies, { start });
    expect(target).toBe(expected);
    expect(prompts.asked[0]?.message).toBe(message);
    expect(prompts.questions[0]?.canGoBack).toBe(false);
    expect(prompts.left).toBe(0);
  });
});

describe('services and standalone tasks', () => {
  const others: World = {
    fleet: { clusters: { prod: [NEWEST, BATCH] }, services: ['web'] },
    content: {
      clusters: [sampleCluster('prod', { runningTasksCount: 2 })],
      services: [sampleService('web')],
    },
    start: { cluster: 'prod' },
  };

  it('lists the families of standalone tasks, and only their tasks', async () => {
    const { target, prompts } = await walk(['family:site'], others);
    expect(prompts.asked[0]?.lines.map((line) => line.split('  ')[0])).toEqual([
      'web',
      'family:site',
      'all tasks',
    ]);
    expect(target).toBe('prod/ffffffffffff');
  });

  it('lists all tasks only if services account for fewer', async () => {
    expect((await walk(['web'], others)).ecs.calls).toContain('listTasks prod ');
    const many = { ...CONTENT, clusters: [sampleCluster('prod', { runningTasksCount: 101 })] };
    const services = [sampleService('web', { runningCount: 100 }), sampleService('pair')];
    const world = { start: { cluster: 'prod' }, content: { ...many, services } };
    const { ecs, prompts } = await walk(['web', 'aaaa'], world);
    expect(ecs.calls).toEqual(['listServices prod', 'listTasks prod web', 'describeTasks prod 2']);
    expect(prompts.asked[0]?.lines[1]).toBe('web  100/1  exec on  FARGATE');
  });

  it('shows in a small cluster how many tasks of a service are ready', async () => {
    const broken = sampleTask('9999999999990000', {
      containers: [
        sampleContainer('app', {
          managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: 'STOPPED' }],
        }),
      ],
    });
    const waiting = { ...PENDING, group: 'service:pair' };
    const { prompts } = await walk([{ kind: 'cancelled' }], {
      fleet: { clusters: { prod: [NEWEST, broken, waiting] }, services: ['web', 'pair', 'idle'] },
      content: {
        clusters: [sampleCluster('prod', { runningTasksCount: 3 })],
        services: [
          sampleService('web', { runningCount: 2, desiredCount: 2 }),
          sampleService('pair'),
          sampleService('idle', { runningCount: 0 }),
        ],
      },
      start: { cluster: 'prod' },
    });
    expect(prompts.asked[0]?.lines).toEqual([
      '(idle  0/1  exec on                 FARGATE)',
      'pair  1/1  exec-agent-not-running  FARGATE',
      'web  2/2  1 of 2 ready            FARGATE',
      'all tasks',
    ]);
    expect(prompts.questions[0]?.choices.map(({ accent }) => accent?.color)).toEqual([
      undefined,
      'yellow',
      undefined,
      undefined,
    ]);
  });

  it('uses only what the caller has permission to see', async () => {
    const { target, prompts } = await walk(['prod', 'web', 'bbbb'], {
      fleet: { ...FLEET, denied: ['listServices'] },
      content: { ...CONTENT, denied: ['describeClusters', 'describeServices'] },
    });
    expect(target).toBe('prod/bbbbbbbbbbbb');
    expect(prompts.asked.slice(0, 2)).toEqual([
      { message: 'Cluster', lines: ['prod', 'stage'] },
      { message: 'Service in prod', lines: ['pair', 'web', 'all tasks'] },
    ]);
  });
});

describe('tasks', () => {
  const mixed: World = {
    fleet: { clusters: { prod: [OFF, PENDING, OLDER] }, services: ['web'] },
    start: { cluster: 'prod', owner: { kind: 'service', name: 'web' } },
  };

  it('are listed with ready ones first, and the others with a reason', async () => {
    const { prompts } = await walk(['bbbb'], mixed);
    expect(prompts.asked[0]?.lines).toEqual([
      'bbbbbbbbbbbb  ready                   RUNNING  7h  site:42  FARGATE',
      '(dddddddddddd  exec-disabled           RUNNING  3h  site:42  FARGATE)',
      '(eeeeeeeeeeee  exec-agent-not-running  RUNNING  3h  site:42  FARGATE)',
    ]);
  });

  it('that cannot be entered are rejected with the reason, and the question is repeated', async () => {
    const { target, failures, prompts } = await walk(['dddd', 'bbbb'], mixed);
    expect(target).toBe('prod/web');
    expect(failures).toEqual(['exec-disabled']);
    expect(prompts.asked).toHaveLength(2);
  });

  it('that cannot be entered are accepted if the command takes any task', async () => {
    const start = { ...mixed.start, takesAny: true };
    expect(await walk(['dddd'], { ...mixed, start })).toMatchObject({
      target: 'prod/dddddddddddd',
      failures: [],
    });
  });

  it('with a starting agent are accepted, because a session waits for it', async () => {
    expect(await walk(['eeee'], mixed)).toMatchObject({
      target: 'prod/eeeeeeeeeeee',
      failures: [],
    });
  });

  it('end with the reason if the only one cannot be entered', async () => {
    const { target } = await walk([], {
      ...mixed,
      fleet: { clusters: { prod: [OFF] }, services: ['web'] },
    });
    expect(target).toMatchObject({ code: 'exec-disabled' });
  });
});

describe('without candidates', () => {
  it('an empty cluster is reported, and the question is repeated', async () => {
    const { target, failures } = await walk(['stage', 'prod'], {
      fleet: { clusters: { prod: [BATCH], stage: [] } },
      content: {
        clusters: [sampleCluster('prod'), sampleCluster('stage', { runningTasksCount: 0 })],
      },
    });
    expect(failures).toEqual(['no-running-task']);
    expect(target).toBe('prod/ffffffffffff');
  });

  it.each<readonly [string, World, object]>([
    ['no cluster', { fleet: { clusters: {} } }, { code: 'cluster-not-found' }],
    [
      'a cluster that does not exist',
      { start: { cluster: 'prd', owner: { kind: 'service', name: 'web' } } },
      { code: 'cluster-not-found', hint: expect.stringContaining('Did you mean prod?') },
    ],
    [
      'a service that does not exist',
      { start: { cluster: 'prod', owner: { kind: 'service', name: 'wbe' } } },
      { code: 'service-not-found', hint: expect.stringContaining('Did you mean web?') },
    ],
    [
      'an empty cluster',
      {
        fleet: { clusters: { prod: [] }, services: [] },
        content: { clusters: [sampleCluster('prod')] },
        start: { cluster: 'prod' },
      },
      { code: 'no-running-task', message: 'Nothing is running in cluster prod.' },
    ],
    [
      'missing permission to list clusters',
      { fleet: { ...FLEET, denied: ['listClusters'] } },
      { code: 'access-denied', hint: expect.stringContaining('ecsh -C CLUSTER') },
    ],
  ])('%s', async (_name, world, expected) => {
    const { target, prompts } = await walk([], world);
    expect(target).toMatchObject(expected);
    expect(prompts.asked).toEqual([]);
  });
});

describe('a long list of tasks', () => {
  const pages = [0, 1, 2].map((page) =>
    Array.from({ length: 2 }, (_, index) =>
      sampleTask(`${page}${index}`.padStart(16, 'a'), {
        startedAt: new Date(NOW - (9 - page) * 1_000 - index),
      }),
    ),
  );

  /** ECS describes the first page of three at once, and the others after the question is answered. */
  async function pickFirst(waitsForAll: boolean) {
    let deliver = () => {};
    const rest = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    const aborts: boolean[] = [];
    const ecs = {
      ...fakeEcs({ clusters: { prod: pages.flat() }, services: ['web'] }),
      async listTasks({ thenDescribe }: TaskQuery) {
        thenDescribe?.onPage?.(pages[0] ?? []);
        await rest;
        aborts.push(thenDescribe?.abort?.aborted ?? false);
        thenDescribe?.onPage?.(pages[1] ?? []);
        thenDescribe?.onPage?.(pages[2] ?? []);
        return pages.flat().map(({ taskArn }) => taskArn);
      },
    };
    const shown: number[] = [];
    const prompts = new ScriptedPrompts();
    prompts.select = async <T>({ choices, follow }: Question<T>): Promise<Answer<T>> => {
      shown.push(choices.length);
      let longest = choices;
      const following = follow?.((longer) => {
        shown.push(longer.length);
        longest = longer;
      });
      if (waitsForAll) {
        deliver();
        await following;
      }
      return { kind: 'chosen', value: (longest[0] as Choice<T>).value };
    };
    const inventory = fakeInventory(CONTENT);
    const open = async () => ({ ecs, inventory });
    const world: PickWorld = {
      ...{ prompts, open, flags: {}, exits: [], now: () => NOW },
      onFailure: () => undefined,
    };
    const picked = await pickTarget(world, {
      cluster: 'prod',
      owner: { kind: 'service', name: 'web' },
    });
    deliver();
    await rest;
    return { picked, shown, aborts };
  }

  it('is shown as soon as its first page has loaded, and grows', async () => {
    const { picked, shown } = await pickFirst(true);
    expect(shown).toEqual([2, 2, 4, 6]);
    expect(picked).toEqual({ kind: 'target', target: 'prod/web', flags: {} });
  });

  it('loads no further once a task is chosen, which is named by id', async () => {
    const { picked, shown, aborts } = await pickFirst(false);
    expect(shown).toEqual([2, 2]);
    expect(picked).toEqual({ kind: 'target', target: 'prod/aaaaaaaaaaaa', flags: {} });
    expect(aborts).toEqual([true]);
  });
});

it('shows the names of many services before their descriptions', async () => {
  const services = Array.from({ length: 11 }, (_, index) => `s${index}`);
  const fleet = { clusters: { prod: [NEWEST] }, services };
  const content = { ...CONTENT, services: services.map((name) => sampleService(name)) };
  const { prompts } = await walk([{ kind: 'cancelled' }], {
    fleet,
    content,
    start: { cluster: 'prod' },
  });
  const names = prompts.questions[0]?.choices.map(({ label, detail }) => [label, detail]);
  expect(names?.slice(0, 2)).toEqual([
    ['s0', ''],
    ['s1', ''],
  ]);
  expect(prompts.asked[0]?.lines[0]).toBe('s0  1/1  exec on  FARGATE');
});

describe('a key for another account or region', () => {
  function twoRegions(replies: readonly Reply[]) {
    const prompts = new ScriptedPrompts(replies);
    const failures: string[] = [];
    const worldIn = (region: string, fleet: FakeFleet, exits: PickWorld['exits']): PickWorld => ({
      prompts,
      open: async () => ({ ecs: fakeEcs(fleet), inventory: fakeInventory(CONTENT) }),
      flags: { region },
      now: () => NOW,
      onFailure: ({ code }) => failures.push(code),
      exits,
    });
    const empty = worldIn('eu-north-1', { clusters: {} }, []);
    const other = worldIn('eu-west-1', FLEET, []);
    const world = worldIn('us-east-1', FLEET, [
      { key: 'r', label: 'region', leave: async () => other },
      { key: 'e', label: 'empty region', leave: async () => empty },
      { key: 'x', label: 'nothing', leave: async () => undefined },
    ]);
    return { prompts, failures, picked: pickTarget(world, { cluster: 'prod' }) };
  }
  const key = (name: string) => ({ kind: 'shortcut', key: name }) as const;

  it('shows the clusters there', async () => {
    const { picked, prompts } = twoRegions([key('r'), 'prod', 'web', 'bbbb']);
    expect(await picked).toEqual({
      kind: 'target',
      target: 'prod/bbbbbbbbbbbb',
      flags: { region: 'eu-west-1' },
    });
    expect(prompts.asked.map(({ message }) => message)).toEqual([
      'Service in prod',
      'Cluster in eu-west-1',
      'Service in prod',
      'Task of prod/web',
    ]);
  });

  it('can go back', async () => {
    const { picked } = twoRegions([key('r'), back, 'web', 'bbbb']);
    expect(await picked).toMatchObject({ flags: { region: 'us-east-1' } });
  });

  it('changes nothing if nothing else is chosen or available', async () => {
    const { picked, failures } = twoRegions([key('x'), key('e'), 'web', 'bbbb']);
    expect(await picked).toMatchObject({ flags: { region: 'us-east-1' } });
    expect(failures).toEqual(['cluster-not-found']);
  });
});

describe('the key for logs', () => {
  const logsOf = (line: string) => ({ kind: 'shortcut', key: 'l', line }) as const;

  it.each<[string, readonly Reply[], string]>([
    ['of a service', [logsOf('web')], 'prod/web'],
    ['of a task', ['web', logsOf('bbbb')], 'prod/bbbbbbbbbbbb2222'],
  ])('shows the logs %s', async (_name, replies, target) => {
    const prompts = new ScriptedPrompts(replies);
    const world: PickWorld = {
      prompts,
      open: async () => ({ ecs: fakeEcs(FLEET), inventory: fakeInventory({}) }),
      flags: { region: 'eu-west-1' },
      now: () => NOW,
      onFailure: ({ code }) => expect.unreachable(code),
      exits: [],
    };
    const picked = await pickTarget(world, { cluster: 'prod', offersLogs: true });
    expect(picked).toEqual({ kind: 'logs', target, flags: { region: 'eu-west-1' } });
    expect(prompts.questions.at(-1)?.shortcuts?.map(({ key }) => key)).toEqual(['l']);
  });
});
