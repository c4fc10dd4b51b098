import { describe, expect, it } from 'vitest';
import { createEcs } from '#aws/ecs/ecs.ts';
import { createSsm } from '#aws/ssm.ts';
import { isolateAws, TEST_KEYS } from '#test/aws/environment.ts';
import { failure, startFakeAws } from '#test/fakes/fake-aws.ts';

const aws = isolateAws();
const REGION = 'us-east-1';
const arn = (kind: string, path: string) => `arn:aws:ecs:us-east-1:123456789012:${kind}/${path}`;
const ids = (count: number) =>
  Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, '0'));

describe('lists', () => {
  it('reads every page', async () => {
    aws.set(TEST_KEYS);
    const pages = [
      { taskArns: [arn('task', 'prod/a'), arn('task', 'prod/b')], nextToken: 'second' },
      { taskArns: [], nextToken: 'third' },
      { taskArns: [arn('task', 'prod/c')] },
    ];
    const fake = await startFakeAws((_, count) => ({ body: pages[count - 1] }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });

    const tasks = await ecs.listTasks({ cluster: 'prod', service: 'web' });

    expect(tasks).toEqual([arn('task', 'prod/a'), arn('task', 'prod/b'), arn('task', 'prod/c')]);
    expect(fake.requests.map(({ operation, input }) => ({ operation, input }))).toEqual([
      { operation: 'ListTasks', input: { cluster: 'prod', serviceName: 'web', maxResults: 100 } },
      {
        operation: 'ListTasks',
        input: { cluster: 'prod', serviceName: 'web', maxResults: 100, nextToken: 'second' },
      },
      {
        operation: 'ListTasks',
        input: { cluster: 'prod', serviceName: 'web', maxResults: 100, nextToken: 'third' },
      },
    ]);
  });

  it.each([
    ['listClusters', { clusterArns: ['one'] }],
    ['listServices', { serviceArns: ['one'] }],
  ] as const)('%s returns the ARNs', async (method, body) => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => ({ body }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    expect(await ecs[method]('prod')).toEqual(['one']);
  });
});

it('reports whether each call was answered or failed, and how long it took', async () => {
  aws.set(TEST_KEYS);
  const fake = await startFakeAws(({ operation }) =>
    operation === 'ListTasks' ? failure('ClientException', 'No.') : { body: {} },
  );
  const told: string[] = [];
  const onCall = (text: string) => told.push(text.replace(/\d+/, 'N'));
  const config = { region: REGION, endpointUrl: fake.url, onCall };
  await createEcs(config).listClusters();
  await expect(createEcs(config).listTasks({ cluster: 'prod' })).rejects.toThrow();
  await createSsm(config).terminateSession('s-1');
  expect(told).toEqual([
    'ListClusters answered in N ms',
    'ListTasks failed in N ms',
    'TerminateSession answered in N ms',
  ]);
});

describe('facts that explain a failure', () => {
  it('list the active families with a prefix', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => ({ body: { families: ['site', 'sink'] } }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    expect(await ecs.listFamilies('si')).toEqual(['site', 'sink']);
    expect(fake.requests[0]).toMatchObject({
      operation: 'ListTaskDefinitionFamilies',
      input: { familyPrefix: 'si', status: 'ACTIVE', maxResults: 100 },
    });
  });

  it.each([
    [
      { desiredCount: 2, pendingCount: 1, events: [{ message: 'new' }, { message: 'old' }] },
      { desiredCount: 2, pendingCount: 1, lastEvent: 'new' },
    ],
    [{ desiredCount: 0 }, { desiredCount: 0, pendingCount: 0, lastEvent: undefined }],
  ])('describe the state of a service: %j', async (service, expected) => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => ({ body: { services: [service] } }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    expect(await ecs.describeServiceState('prod', 'web')).toEqual(expected);
    expect(fake.requests[0]?.input).toEqual({ cluster: 'prod', services: ['web'] });
  });

  it('include that a service does not exist', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => ({ body: { services: [], failures: [{}] } }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    expect(await ecs.describeServiceState('prod', 'web')).toBeUndefined();
  });
});

describe('describeTasks', () => {
  it('requests batches of 100 and leaves out missing tasks', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(({ input }) => {
      const [first, ...others] = input.tasks as string[];
      const failures = others.slice(0, 1).map((id) => ({ arn: id, reason: 'MISSING' }));
      const task = {
        taskArn: first,
        clusterArn: arn('cluster', 'prod'),
        startedAt: 1772376041.733,
      };
      return { body: { tasks: [task], failures } };
    });
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    const wanted = ids(205);

    const tasks = await ecs.describeTasks('prod', wanted);

    expect(tasks.map(({ taskArn }) => taskArn)).toEqual([wanted[0], wanted[100], wanted[200]]);
    expect(tasks[0]?.startedAt).toEqual(new Date('2026-03-01T14:40:41.733Z'));
    const sizes = fake.requests.map(({ input }) => (input.tasks as string[]).length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([5, 100, 100]);
  });

  it('describes the first page while the next one is listed', async () => {
    aws.set(TEST_KEYS);
    const arns = ids(150);
    const described = { tasks: [], failures: [] };
    const fake = await startFakeAws(({ operation, input }) => {
      if (operation === 'DescribeTasks') return { body: described };
      if (input.nextToken === undefined) {
        return { body: { taskArns: arns.slice(0, 100), nextToken: 'two' } };
      }
      return { body: { taskArns: arns.slice(100) } };
    });
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    const listed = await ecs.listTasks({ cluster: 'prod', thenDescribe: { tags: false } });
    expect(listed).toEqual(arns);
    await ecs.describeTasks('prod', listed);
    const sizes = fake.requests
      .filter(({ operation }) => operation === 'DescribeTasks')
      .map(({ input }) => (input.tasks as string[]).length);
    expect(sizes.toSorted((a, b) => a - b)).toEqual([50, 100]);
    // Only once: a later call needs the current state.
    await ecs.describeTasks('prod', listed.slice(0, 1));
    expect(fake.requests.at(-1)).toMatchObject({ input: { tasks: listed.slice(0, 1) } });
  });

  it('passes on each page as soon as it is described, until it is aborted', async () => {
    aws.set(TEST_KEYS);
    const arns = ids(250);
    const fake = await startFakeAws(({ operation, input }) => {
      if (operation === 'DescribeTasks') {
        const tasks = (input.tasks as string[]).map((taskArn) => ({ taskArn, clusterArn: 'prod' }));
        return { body: { tasks } };
      }
      const from = Number(input.nextToken ?? 0);
      const nextToken = from + 100 < arns.length ? `${from + 100}` : undefined;
      return { body: { taskArns: arns.slice(from, from + 100), nextToken } };
    });
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    const pages: number[] = [];
    const onPage = (tasks: readonly unknown[]) => void pages.push(tasks.length);
    const thenDescribe = { tags: false, onPage };
    await ecs.describeTasks('prod', await ecs.listTasks({ cluster: 'prod', thenDescribe }));
    expect(pages.toSorted((a, b) => a - b)).toEqual([50, 100, 100]);

    const abort = new AbortController();
    abort.abort();
    const before = fake.requests.length;
    const stopped = ecs.listTasks({
      cluster: 'prod',
      thenDescribe: { ...thenDescribe, abort: abort.signal },
    });
    await expect(stopped).rejects.toThrow();
    expect(fake.requests).toHaveLength(before);
  });

  it('sends no request for an empty list', async () => {
    const fake = await startFakeAws(() => ({ body: {} }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    expect(await ecs.describeTasks('prod', [])).toEqual([]);
    expect(fake.requests).toEqual([]);
  });
});

it('treats a container as essential unless its definition says otherwise', async () => {
  aws.set(TEST_KEYS);
  const containerDefinitions = [{ name: 'app' }, { name: 'log', essential: false }];
  const fake = await startFakeAws(() => ({ body: { taskDefinition: { containerDefinitions } } }));
  const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
  expect(await ecs.describeContainerDefinitions('app:1')).toEqual([
    { name: 'app', essential: true },
    { name: 'log', essential: false },
  ]);
});

describe('executeCommand', () => {
  const request = { cluster: 'prod', task: arn('task', 'prod/a'), container: 'app', command: 'sh' };
  const session = { sessionId: 's-1', streamUrl: 'wss://x/s-1', tokenValue: 'token' };

  it('requests an interactive session and returns it', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => ({ body: { session } }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });

    expect(await ecs.executeCommand(request)).toEqual(session);
    expect(fake.requests[0]?.input).toEqual({ ...request, interactive: true });
  });

  it('is never repeated after a lost answer: the command may be running', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => 'drop');
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });

    await expect(ecs.executeCommand(request)).rejects.toMatchObject({
      code: 'endpoint-unreachable',
      hint: 'Check network and proxy. The command may have been started all the same.',
    });
    expect(fake.requests).toHaveLength(1);
  });

  it('leaves it to the caller to retry a throttled call', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => failure('ThrottlingException', 'Rate exceeded'));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });

    await expect(ecs.executeCommand(request)).rejects.toMatchObject({
      code: 'throttled',
      retryable: true,
    });
    expect(fake.requests).toHaveLength(1);
  });

  it('marks the failure as retryable if a young task is not connected', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() =>
      failure('TargetNotConnectedException', 'Try again later.'),
    );
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    const young = { ...request, taskStartedAt: new Date() };

    await expect(ecs.executeCommand(young)).rejects.toMatchObject({
      code: 'target-not-connected',
      retryable: true,
    });
    await expect(ecs.executeCommand({ ...request, service: 'web' })).rejects.toMatchObject({
      code: 'target-not-connected',
      hint: expect.stringContaining('ecsh restart prod/web'),
      retryable: false,
    });
  });

  it('rejects an answer without a session', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() => ({ body: {} }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    await expect(ecs.executeCommand(request)).rejects.toMatchObject({ code: 'answer-unreadable' });
  });
});

describe('failures', () => {
  it.each([
    ['ClusterNotFoundException', 'Cluster not found.', 'cluster-not-found'],
    ['ServiceNotFoundException', 'Service not found.', 'service-not-found'],
    ['ExpiredTokenException', 'The security token … is expired', 'credentials-expired'],
    ['UnrecognizedClientException', 'The security token … is invalid.', 'credentials-invalid'],
    ['ThrottlingException', 'Rate exceeded', 'throttled'],
    ['SomethingNew', 'An unknown error', 'aws-error'],
  ])('%s becomes an EcshError', async (type, message, code) => {
    aws.set({ ...TEST_KEYS, AWS_MAX_ATTEMPTS: '1' });
    const fake = await startFakeAws(() => failure(type, message));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    const query = { cluster: 'prod', service: 'web' };
    await expect(ecs.listTasks(query)).rejects.toMatchObject({ name: 'EcshError', code });
  });

  it.each([
    [
      { region: REGION, env: { AWS_PROFILE: 'dev' } },
      `There is no cluster "prd" in ${REGION} (profile dev).`,
    ],
    [{ region: REGION, env: { AWS_PROFILE: '' } }, `There is no cluster "prd" in ${REGION}.`],
  ])('to find a cluster name the region and profile', async (config, message) => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws(() =>
      failure('ClusterNotFoundException', 'Cluster not found.'),
    );
    const ecs = createEcs({ ...config, endpointUrl: fake.url });
    await expect(ecs.listTasks({ cluster: 'prd' })).rejects.toMatchObject({ message });
  });

  it('are retried for reads that were throttled or met a server error', async () => {
    aws.set(TEST_KEYS);
    const fake = await startFakeAws((_, count) => {
      if (count === 1) return failure('ThrottlingException', 'Rate exceeded');
      if (count === 2) return failure('ServerException', 'Service Unavailable.', 500);
      return { body: { clusterArns: [] } };
    });
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    expect(await ecs.listClusters()).toEqual([]);
    expect(fake.requests).toHaveLength(3);
  });

  it('name the port on which nothing listens', async () => {
    aws.set({ ...TEST_KEYS, AWS_MAX_ATTEMPTS: '1' });
    const ecs = createEcs({ region: REGION, endpointUrl: 'http://127.0.0.1:1' });
    await expect(ecs.listClusters()).rejects.toMatchObject({
      code: 'endpoint-unreachable',
      message: 'No answer from http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('report an answer that is not from AWS', async () => {
    aws.set({ ...TEST_KEYS, AWS_MAX_ATTEMPTS: '1' });
    const fake = await startFakeAws(() => ({ body: '<html>Log in to the hotel network</html>' }));
    const ecs = createEcs({ region: REGION, endpointUrl: fake.url });
    await expect(ecs.listClusters()).rejects.toMatchObject({ code: 'answer-unreadable' });
  });

  it('suggest checking the region if its host does not exist', async () => {
    aws.set({ ...TEST_KEYS, AWS_MAX_ATTEMPTS: '1' });
    const ecs = createEcs({ region: 'us-est-1', endpointUrl: 'http://ecs.us-est-1.invalid' });
    await expect(ecs.listClusters()).rejects.toMatchObject({
      code: 'endpoint-unreachable',
      hint: 'Is the region "us-est-1" spelled right, and does this machine have a network?',
    });
  });
});
