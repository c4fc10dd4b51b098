import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, recordsOf, textOf } from '#test/simulator/api/api-call.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

const ANA = 'arn:aws:sts::123456789012:assumed-role/dev/ana';
const ME = 'arn:aws:iam::123456789012:user/simulator';
let simulator: Simulator;
let client: RawClient;

beforeAll(async () => {
  const containers = [{ name: 'app', sessions: [{ owner: ANA, command: 'sleep 60' }] }];
  const fleet = parseFleet({
    clusters: [{ name: 'demo', services: [{ name: 'web', containers }] }],
  });
  simulator = await startSimulator({ fleet, env: process.env });
  client = new RawClient(simulator);
  await client.execute('sleep 60');
});

afterAll(() => simulator.stop());

const ssm = (operation: string, input: object) =>
  callApi(simulator, `AmazonSSM.${operation}`, input);

async function sessionsOf(State: string, ...Filters: object[]) {
  const { body } = await ssm('DescribeSessions', { State, Filters });
  return recordsOf(body, 'Sessions');
}

describe('DescribeSessions', () => {
  it('returns the sessions of all owners', async () => {
    expect(await sessionsOf('Active')).toEqual(
      [ANA, ME].map((Owner) => ({
        SessionId: expect.stringMatching(/^ecs-execute-command-[a-z0-9]{26}$/),
        Target: expect.stringMatching(/^ecs:demo_[0-9a-f]{32}_/),
        Status: 'Disconnected',
        StartDate: expect.any(Number),
        DocumentName: 'AmazonECS-ExecuteInteractiveCommand',
        Owner,
      })),
    );
  });

  it.each([
    [{ key: 'Owner', value: ANA }, [ANA]],
    [{ key: 'Owner', value: ME }, [ME]],
    [{ key: 'Status', value: 'Connected' }, []],
    [{ key: 'InvokedAfter', value: '2020-01-01T00:00:00Z' }, [ANA, ME]],
    [{ key: 'InvokedBefore', value: '2020-01-01T00:00:00Z' }, []],
  ])('filters by %j', async (filter, owners) => {
    const found = await sessionsOf('Active', filter);
    expect(found.map(({ Owner }) => Owner)).toEqual(owners);
  });

  it('rejects an unknown filter', async () => {
    const Filters = [{ key: 'AccessType', value: 'Standard' }];
    const { body } = await ssm('DescribeSessions', { State: 'Active', Filters });
    expect(body.__type).toBe('InvalidFilterKey');
  });

  it('keeps ended sessions in the history, with their end time', async () => {
    const [mine] = await sessionsOf('Active', { key: 'Owner', value: ME });
    const SessionId = textOf(mine, 'SessionId');
    expect((await ssm('TerminateSession', { SessionId })).body).toEqual({ SessionId });
    expect(await sessionsOf('History', { key: 'SessionId', value: SessionId })).toEqual([
      { ...mine, Status: 'Terminated', EndDate: expect.any(Number) },
    ]);
    expect(await sessionsOf('Active', { key: 'SessionId', value: SessionId })).toEqual([]);
  });
});
