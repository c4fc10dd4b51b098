import { describe, expect, it } from 'vitest';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';

describe('parseFleet', () => {
  it('gives every task a deterministic id of 32 hexadecimal digits', () => {
    const ids = defaultFleet().clusters.flatMap(({ services }) =>
      services.flatMap(({ tasks }) => tasks.map(({ id }) => id)),
    );
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(defaultFleet(1e9)).toEqual(defaultFleet(1e9));
  });

  it('fills in the defaults of a container', () => {
    const fleet = parseFleet({
      clusters: [{ name: 'c', services: [{ name: 's', containers: [{ name: 'app' }] }] }],
    });
    expect(fleet.clusters[0]?.services[0]?.tasks[0]?.containers).toEqual([
      {
        name: 'app',
        image: 'example.invalid/app:1',
        essential: true,
        lastStatus: 'RUNNING',
        exitCode: undefined,
        reason: undefined,
        healthStatus: 'UNKNOWN',
        runtimeId: expect.stringMatching(/^[0-9a-f]{32}-\d{10}$/),
        agentStatus: 'RUNNING',
        agentReason: undefined,
        agentStartedAt: expect.any(Number),
        isConnected: undefined,
        definition: {},
        path: undefined,
        env: {},
        workdir: undefined,
        files: undefined,
        ports: new Map(),
        sessions: [],
      },
    ]);
  });

  it('reads the local ports that container ports map to', () => {
    const { hosts, clusters } = parseFleet({
      hosts: [
        { name: 'db.internal', ports: { '5432': 15432 } },
        { name: 'api.internal', address: '10.1.1.1' },
      ],
      clusters: [
        {
          name: 'c',
          tasks: [{ containers: [{ name: 'app', ports: { '80': 'http', '81': 8081 } }] }],
        },
      ],
    });
    expect(hosts).toEqual([
      { name: 'db.internal', address: '10.0.254.10', ports: new Map([[5432, 15432]]) },
      { name: 'api.internal', address: '10.1.1.1', ports: new Map() },
    ]);
    expect(clusters[0]?.tasks[0]?.containers[0]?.ports).toEqual(
      new Map<number, number | string>([
        [80, 'http'],
        [81, 8081],
      ]),
    );
  });

  it.each([
    [[], 'Fleet file: fleet must be an object.'],
    [{ clusters: {} }, 'Fleet file: fleet.clusters must be a list.'],
    [{ clusters: [{}] }, 'Fleet file: fleet.clusters[0] needs a "name".'],
    [{ clusters: [{ name: 'a' }, { name: 'a' }] }, 'Fleet file: clusters "a" stands there twice.'],
    [
      { clusters: [{ name: 'a', service: [] }] },
      'Fleet file: fleet.clusters[0] has no field "service".',
    ],
    [
      { clusters: [{ name: 'a', tasks: [{ id: '1', containers: [{ name: 'x' }] }] }] },
      'Fleet file: fleet.clusters[0].tasks[0].id must be 32 hexadecimal digits.',
    ],
    [
      { clusters: [{ name: 'a', tasks: [{}] }] },
      'Fleet file: fleet.clusters[0].tasks[0] needs at least one container.',
    ],
    [
      { hosts: [{ name: 'db', ports: { '0': 80 } }] },
      'Fleet file: fleet.hosts[0].ports has no port "0": it must be 1 to 65535.',
    ],
    [
      { hosts: [{ name: 'db', ports: { '80': 'https' } }] },
      'Fleet file: fleet.hosts[0].ports.80 must be a port of this machine, or "http".',
    ],
    ...['app/x', '/app/../etc/passwd', '/usr/bin/x', '/app/', '/x'].map(
      (path): [object, string] => [
        {
          clusters: [
            { name: 'a', tasks: [{ containers: [{ name: 'x', files: { [path]: '' } }] }] },
          ],
        },
        `Fleet file: fleet.clusters[0].tasks[0].containers[0].files "${path}" must be a path like /app/file.`,
      ],
    ),
    [
      { clusters: [{ name: 'a', tasks: [{ containers: [{ name: 'x', sessions: [{}] }] }] }] },
      'Fleet file: fleet.clusters[0].tasks[0].containers[0].sessions[0] needs a "owner".',
    ],
    [
      { clusters: [{ name: 'a', runTask: { outcome: 'odd' } }] },
      'Fleet file: fleet.clusters[0].runTask.outcome must be one of healthy, crash, unplaceable, start-failure, agent-stops, agent-pending.',
    ],
    [{ faults: { dorp: 1 } }, 'faults: there is no fault "dorp".'],
    [{ faults: { drop: -1 } }, 'faults.drop must be a number, 0 or more.'],
    [
      { timings: { startMs: 'soon' } },
      'Fleet file: fleet.timings.startMs must be a number, 0 or more.',
    ],
  ])('rejects %j', (value, message) => {
    expect(() => parseFleet(value)).toThrow(message);
  });
});
