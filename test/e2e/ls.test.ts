import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasAwsCli, runAws } from '#test/helpers/aws-cli.ts';
import { BIG_FLEET, bigFleet } from '#test/helpers/big-fleet.ts';
import { Lab } from '#test/helpers/e2e.ts';

/** A service with tasks of one container each, all ready. */
const SERVICE = 'prod/growth-api-003';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(bigFleet());
});

afterAll(() => lab.stop());

/** Runs ecsh, and returns the API operations that it called, in order, and its output. */
async function callsOf(args: readonly string[]) {
  const before = (await calls()).length;
  const { status, stdout, stderr } = await lab.run(args);
  const made = (await calls()).slice(before);
  return { status, stderr, lines: stdout.trimEnd().split('\n'), made };
}

async function calls(): Promise<readonly string[]> {
  const log = await lab.control('calls');
  if (!Array.isArray(log)) throw new TypeError('the log of calls is a list');
  return log.map(({ operation }) => operation);
}

function counted(operations: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const operation of operations) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/**
 * ListTasks and DescribeTasks return at most 100 tasks and DescribeServices 10 services (ECS API), so
 * listing 1,200 tasks takes at least 12 calls, and describing them another 12.
 */
describe('ecsh ls of 250 services and 1,200 tasks in 3 clusters', () => {
  it.each<readonly [readonly string[], number, Readonly<Record<string, number>>]>([
    [['ls'], BIG_FLEET.clusters, { ListClusters: 1, DescribeClusters: 1 }],
    [['ls', 'prod'], 84, { ListServices: 1, DescribeServices: 9, ListTasks: 4, DescribeTasks: 4 }],
    [['ls', SERVICE], 5, { ListTasks: 1, DescribeTasks: 1 }],
    [['ls', 'tasks', 'prod'], 400, { ListTasks: 4, DescribeTasks: 4 }],
    [['ls', 'tasks', '--names'], BIG_FLEET.tasks, { ListClusters: 1, ListTasks: 12 }],
    [['ls', 'services', '--names'], BIG_FLEET.services, { ListClusters: 1, ListServices: 3 }],
    [['ls', 'tasks'], BIG_FLEET.tasks, { ListClusters: 1, ListTasks: 12, DescribeTasks: 12 }],
  ])('%j', async (args, things, expected) => {
    const { status, stderr, lines, made } = await callsOf([...args, '--no-header']);
    expect({ status, stderr, lines: lines.length }).toEqual({
      status: 0,
      stderr: '',
      lines: things,
    });
    expect(counted(made)).toEqual(expected);
  });
});

describe('before a command runs,', () => {
  it('three calls find the task of a service', async () => {
    const { status, made } = await callsOf(['exec', SERVICE, '--', 'true']);
    expect(status).toBe(0);
    const before = made.slice(0, made.indexOf('ExecuteCommand'));
    expect(before.toSorted()).toEqual(['DescribeClusters', 'DescribeTasks', 'ListTasks']);
  });

  it.each(['id', 'ARN'])('two calls find a task by its %s', async (kind) => {
    const { lines } = await callsOf(['ls', SERVICE, '--json']);
    const [task] = JSON.parse(lines[0] ?? '');
    const target = kind === 'id' ? task.target : task.taskArn;
    const { status, made } = await callsOf(['exec', target, '--', 'true']);
    expect(status).toBe(0);
    const before = made.slice(0, made.indexOf('ExecuteCommand'));
    expect(before.toSorted()).toEqual(['DescribeClusters', 'DescribeTasks']);
  });
});

describe('ecsh ls', () => {
  it('truncates its lines to the width of the terminal', async () => {
    const screen = await lab.openTerminal(['ls', 'tasks', '--family', 'backfill'], { rows: 30 });
    await screen.until(/status=0/);
    const lines = screen.view.lines.filter((line) => line.includes('backfill'));
    expect(lines).toHaveLength(15);
    const expected =
      /^prod {5}[0-9a-f]{12} {2}family:backfill {2,}RUNNING {2}ready {2}job .* \d+d$/;
    expect(lines[0]).toMatch(expected);
  });

  it('exits with 141 if the reader of its stdout closes the pipe, also with --watch', async () => {
    const args = ['ls', 'tasks', '--watch', '--interval', '1'];
    const { stdout, stderr } = await lab.script('{ "$@"; echo $? >&2; } | head -n 1', args);
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^CLUSTER /),
      stderr: '141\n',
    });
  });

  it('watches until Ctrl-C and exits with 130', async () => {
    const program = lab.start(['ls', 'clusters', '--watch', '--interval', '1']);
    await program.untilOutput('\n\nCLUSTER');
    program.signal('SIGINT');
    expect((await program.finished).status).toBe(130);
  });
});

describe.skipIf(!hasAwsCli)('ecsh ls --json agrees with the AWS CLI', () => {
  const listed = async (...args: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
    JSON.parse((await lab.run(['ls', ...args, '--json'])).stdout);
  const described = async (...args: readonly string[]) =>
    recordsIn(await runAws(lab, 'ecs', ...args));

  it.concurrent('on clusters', async () => {
    const arns = textsIn(await runAws(lab, 'ecs', 'list-clusters'));
    const theirs = await described('describe-clusters', '--include', 'TAGS', '--clusters', ...arns);
    const ours = await listed('clusters');
    expect(ours.map((cluster) => cluster.clusterArn)).toEqual(arns.toSorted());
    expect(ours).toEqual(
      theirs.map((cluster) => ({ target: cluster.clusterName, ...pick(cluster, ours[0]) })),
    );
  });

  it.concurrent('on services', async () => {
    const arns = textsIn(await runAws(lab, 'ecs', 'list-services', '--cluster', 'prod'));
    const ours = await listed('services', 'prod');
    expect(ours.map((service) => service.serviceArn).toSorted()).toEqual(arns.toSorted());
    const ten = arns.slice(0, 10);
    const where = ['--cluster', 'prod', '--include', 'TAGS', '--services', ...ten];
    for (const service of await described('describe-services', ...where)) {
      const own = ours.find(({ serviceArn }) => serviceArn === service.serviceArn);
      const strategy = recordsIn({ strategy: service.capacityProviderStrategy ?? [] });
      const names = ['serviceName', 'status', 'desiredCount', 'runningCount', 'pendingCount'];
      for (const name of [...names, 'taskDefinition', 'enableExecuteCommand', 'tags']) {
        expect(own?.[name]).toEqual(service[name]);
      }
      expect(own?.launchType).toBe(service.launchType ?? null);
      expect(own?.capacityProviders).toEqual(strategy.map((part) => part.capacityProvider));
      expect(timeOf(own?.createdAt)).toBe(timeOf(service.createdAt));
    }
  });

  it.concurrent('on tasks and containers', async () => {
    const arns = textsIn(await runAws(lab, 'ecs', 'list-tasks', '--cluster', 'prod'));
    const ours = await listed('tasks', 'prod');
    expect(ours.map((task) => task.taskArn).toSorted()).toEqual(arns.toSorted());
    const where = ['--cluster', 'prod', '--include', 'TAGS', '--tasks', ...arns.slice(0, 100)];
    const theirs = await described('describe-tasks', ...where);
    expect(theirs).toHaveLength(100);
    for (const task of theirs) {
      const own = ours.find(({ taskArn }) => taskArn === task.taskArn);
      for (const name of ['group', 'lastStatus', 'desiredStatus', 'taskDefinitionArn', 'tags']) {
        expect(own?.[name]).toEqual(task[name]);
      }
      expect(timeOf(own?.createdAt)).toBe(timeOf(task.createdAt));
      expect(
        recordsIn({ all: own?.containers }).map(({ name, runtimeId }) => [name, runtimeId]),
      ).toEqual(
        recordsIn({ all: task.containers }).map(({ name, runtimeId = null }) => [name, runtimeId]),
      );
    }
  });
});

/** The only list of strings in a response of the CLI. */
function textsIn(answer: unknown): readonly string[] {
  return Object.values(Object(answer)).flat().map(String);
}

/** The first list of objects in a response of the CLI. */
function recordsIn(answer: unknown): readonly Record<string, unknown>[] {
  const [first] = Object.values(Object(answer));
  return Array.isArray(first) ? first : [];
}

function pick(record: Record<string, unknown>, like: object | undefined): object {
  const names = Object.keys(like ?? {}).filter((name) => name in record);
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}

/** Version 1 of the CLI prints seconds since the epoch; version 2 and ecsh print a string. */
function timeOf(value: unknown): number {
  const time = typeof value === 'number' ? value * 1_000 : Date.parse(String(value));
  if (Number.isNaN(time)) throw new TypeError(`no time: ${value}`);
  return time;
}
