import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { compilePattern } from '#simulator/services/filter-pattern.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf, textOf } from '#test/simulator/api/api-call.ts';

const GROUP = '/ecs/prod/chatty';
/** More events than one call of FilterLogEvents examines. */
const LINES = 4_500;
const SCRIPT = `i=0; while [ $i -lt ${LINES} ]; do echo "line $i"; i=$((i+1)); done; exec sleep 60`;
let simulator: Simulator;
let ticking: Simulator;
let stream: string;

beforeAll(async () => {
  const command = ['sh', '-c', SCRIPT];
  const fleet = parseFleet({
    clusters: [
      {
        name: 'prod',
        tasks: [{ family: 'chatty', containers: [{ name: 'app', definition: { command } }] }],
        services: [
          {
            name: 'hello',
            count: 2,
            containers: [
              { name: 'app', definition: { command: ['sh', '-c', 'echo hello; exec sleep 60'] } },
            ],
          },
        ],
      },
    ],
  });
  simulator = await startSimulator({ fleet, env: process.env });
  const ticks = ['sh', '-c', 'while :; do echo even; echo odd; sleep 0.2; done'];
  const tickFleet = parseFleet({
    clusters: [
      {
        name: 'prod',
        tasks: [{ family: 'ticks', containers: [{ name: 'app', definition: { command: ticks } }] }],
      },
    ],
  });
  ticking = await startSimulator({ fleet: tickFleet, env: process.env });
  stream = await vi.waitFor(
    async () => {
      const { body } = await logs('DescribeLogStreams', { logGroupName: GROUP });
      const name = textOf(recordsOf(body, 'logStreams')[0], 'logStreamName');
      const { body: page } = await logs('GetLogEvents', { ...of(name), limit: 1 });
      expect(recordsOf(page, 'events')[0]?.message).toBe(`line ${LINES - 1}`);
      return name;
    },
    { timeout: 20_000, interval: 50 },
  );
});

afterAll(async () => {
  await simulator.stop();
  await ticking.stop();
});

function logs(operation: string, input: object) {
  return callApi(simulator, `Logs_20140328.${operation}`, input);
}

const of = (logStreamName: string) => ({ logGroupName: GROUP, logStreamName });
const messagesOf = (body: unknown) =>
  recordsOf(body, 'events').map((event) => textOf(event, 'message'));
const EXPECTED = Array.from({ length: LINES }, (_, index) => `line ${index}`);

/** Returns all pages of FilterLogEvents as lists of messages. */
async function filter(input: object): Promise<string[][]> {
  const pages: string[][] = [];
  let nextToken: unknown;
  do {
    const { body } = await logs('FilterLogEvents', { logGroupName: GROUP, ...input, nextToken });
    pages.push(messagesOf(body));
    nextToken = body.nextToken;
  } while (nextToken !== undefined);
  return pages;
}

describe('FilterLogEvents', () => {
  it('returns each event once, in order, over several pages', async () => {
    const pages = await filter({});
    expect(pages.flat()).toEqual(EXPECTED);
    expect(pages.map(({ length }) => length)).toEqual([2000, 2000, 500]);
  });

  it('returns empty pages before matching ones, like AWS', async () => {
    expect(await filter({ filterPattern: `"line ${LINES - 1}"` })).toEqual([
      [],
      [],
      [`line ${LINES - 1}`],
    ]);
  });

  it('returns an event with its stream and a unique id', async () => {
    const { body } = await logs('FilterLogEvents', { logGroupName: GROUP, limit: 2 });
    const [first, second] = recordsOf(body, 'events');
    expect(first).toEqual({
      logStreamName: stream,
      timestamp: expect.any(Number),
      ingestionTime: expect.any(Number),
      message: 'line 0',
      eventId: expect.stringMatching(/^\d{56}$/),
    });
    expect(first?.eventId).not.toBe(second?.eventId);
  });

  it('respects times and streams', async () => {
    const last = Date.now() + 60_000;
    expect(await filter({ startTime: last })).toEqual([[]]);
    expect(await filter({ endTime: 1 })).toEqual([[]]);
    expect((await filter({ startTime: 0, endTime: last })).flat()).toHaveLength(LINES);
    expect((await filter({ logStreamNames: [stream] })).flat()).toHaveLength(LINES);
    expect((await filter({ logStreamNamePrefix: 'ecs/none' })).flat()).toEqual([]);
  });

  it.each([
    [{ logGroupName: '/none' }, 'ResourceNotFoundException'],
    [{ logStreamNames: ['none'] }, 'ResourceNotFoundException'],
    [{ logStreamNames: ['a'], logStreamNamePrefix: 'a' }, 'InvalidParameterException'],
    [{ limit: 10_001 }, 'InvalidParameterException'],
    [{ nextToken: 'x' }, 'InvalidParameterException'],
  ])('rejects %j', async (input, type) => {
    const { status, body } = await logs('FilterLogEvents', { logGroupName: GROUP, ...input });
    expect({ status, type: body.__type }).toEqual({ status: 400, type });
  });

  it('accepts the ARN of a group', async () => {
    const logGroupIdentifier = `arn:aws:logs:us-east-1:123456789012:log-group:${GROUP}`;
    const { body } = await logs('FilterLogEvents', { logGroupIdentifier, limit: 1 });
    expect(messagesOf(body)).toEqual(['line 0']);
  });
});

describe('GetLogEvents', () => {
  it('reads forwards to the end, where the token stays the same', async () => {
    const read: string[] = [];
    let nextToken: string | undefined;
    for (;;) {
      const input = { ...of(stream), startFromHead: true, limit: 2_000, nextToken };
      const { body } = await logs('GetLogEvents', input);
      read.push(...messagesOf(body));
      const next = textOf(body, 'nextForwardToken');
      if (next === nextToken) break;
      nextToken = next;
    }
    expect(read).toEqual(EXPECTED);
  });

  it('reads backwards from the end', async () => {
    const { body } = await logs('GetLogEvents', { ...of(stream), limit: 2 });
    expect(messagesOf(body)).toEqual(EXPECTED.slice(-2));
    const nextToken = textOf(body, 'nextBackwardToken');
    const before = await logs('GetLogEvents', { ...of(stream), limit: 2, nextToken });
    expect(messagesOf(before.body)).toEqual(EXPECTED.slice(-4, -2));
  });
});

it('DescribeLogStreams returns one stream per container and task', async () => {
  const group = { logGroupName: '/ecs/prod/hello' };
  const { body } = await logs('DescribeLogStreams', { ...group, orderBy: 'LastEventTime' });
  const streams = recordsOf(body, 'logStreams');
  expect(streams.map(({ logStreamName }) => logStreamName)).toEqual([
    expect.stringMatching(/^ecs\/app\/[0-9a-f]{32}$/),
    expect.stringMatching(/^ecs\/app\/[0-9a-f]{32}$/),
  ]);
  expect(streams[0]).toMatchObject({
    creationTime: expect.any(Number),
    lastEventTimestamp: expect.any(Number),
  });
});

describe('a filter pattern', () => {
  it.each<[string, string, boolean]>([
    ['', 'anything', true],
    ['ERROR', 'an ERROR here', true],
    ['ERROR', 'an error here', false],
    ['a b', 'b and a', true],
    ['a z', 'b and a', false],
    ['"b and"', 'b and a', true],
    ['"and b"', 'b and a', false],
    ['?x ?b', 'b and a', true],
    ['?x ?y', 'b and a', false],
    ['a -b', 'b and a', false],
    ['%5[0-9]{2}%', 'status 503', true],
    ['%5[0-9]{2}%', 'status 403', false],
    ['{ $.level = "error" }', '{"level":"error"}', true],
    ['{ $.http.code != 200 }', '{"http":{"code":500}}', true],
    ['{ $.level = "error" }', 'no JSON', false],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(compilePattern(pattern)(message)).toBe(expected);
  });

  it('with unknown syntax is rejected', () => {
    expect(() => compilePattern('[a, b]')).toThrow(/Invalid filter pattern/);
  });
});

describe('StartLiveTail', () => {
  const group = 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/prod/ticks';

  it('streams new events in updates once a second', async () => {
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = ticking.environment;
    const client = new CloudWatchLogsClient({
      endpoint: ticking.endpoint,
      region: ticking.region,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
      // The SDK would prepend `streaming-` to the host name.
      disableHostPrefix: true,
    });
    onTestFinished(() => client.destroy());
    const command = new StartLiveTailCommand({
      logGroupIdentifiers: [group],
      logEventFilterPattern: 'even',
    });
    const { responseStream } = await client.send(command);
    const seen: string[] = [];
    let isStarted = false;
    for await (const { sessionStart, sessionUpdate } of responseStream ?? []) {
      isStarted ||= sessionStart?.logGroupIdentifiers?.[0] === group;
      seen.push(...(sessionUpdate?.sessionResults ?? []).map(({ message = '' }) => message));
      if (seen.length > 0) break;
    }
    expect(isStarted).toBe(true);
    expect(new Set(seen)).toEqual(new Set(['even']));
  });

  it.each([
    [{}, 'InvalidParameterException'],
    [{ logGroupIdentifiers: [`${group}-none`] }, 'ResourceNotFoundException'],
  ])('rejects %j', async (input, type) => {
    const { body } = await callApi(ticking, 'Logs_20140328.StartLiveTail', input);
    expect(body.__type).toBe(type);
  });
});
