import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { NO_FAULTS } from '#simulator/gateway/faults.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { signedHeaders } from '#test/simulator/api/signed.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

let simulator: Simulator;
let url: URL;

async function openSession(fleet: Fleet): Promise<void> {
  simulator = await startSimulator({ fleet, env: process.env });
  const client = new RawClient(simulator);
  await client.execute('sleep 60');
  const path = `/v1/data-channel/${client.sessionId}?role=publish_subscribe`;
  url = new URL(path, simulator.endpoint.replace('http', 'ws'));
}

beforeAll(() => openSession(defaultFleet()));

afterAll(() => simulator.stop());

function sign(service: string, secretAccessKey?: string): Promise<Record<string, string>> {
  const secret = secretAccessKey === undefined ? {} : { secretAccessKey };
  const path = url.pathname + url.search;
  return signedHeaders(simulator, { method: 'GET', path, service, ...secret });
}

function upgrade(headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.once('open', () => {
      resolve(101);
      socket.terminate();
    });
  });
}

describe('upgrade of a data channel', () => {
  it('accepts a signature for ssmmessages', async () => {
    expect(await upgrade(await sign('ssmmessages'))).toBe(101);
  });

  it('rejects a signature for another service or with another secret', async () => {
    expect(await upgrade(await sign('ssm'))).toBe(403);
    expect(await upgrade(await sign('ssmmessages', 'other'))).toBe(403);
  });

  it('accepts an unsigned upgrade unless a signature is required', async () => {
    expect(await upgrade({})).toBe(101);
    simulator.setFaults({ ...NO_FAULTS, requireSignature: true });
    expect(await upgrade({})).toBe(403);
    expect(await upgrade(await sign('ssmmessages'))).toBe(101);
    simulator.setFaults({ ...NO_FAULTS, refuseUpgrade: true });
    expect(await upgrade(await sign('ssmmessages'))).toBe(403);
    simulator.setFaults(NO_FAULTS);
  });
});

describe('a caller without permission for OpenDataChannel (W-2)', () => {
  const ACTION = 'ssmmessages:OpenDataChannel';
  const statement = (Effect: string, Resource: string) => [
    { Effect: 'Allow', Action: 'ssm:*', Resource: '*' },
    { Effect, Action: ACTION, Resource },
  ];
  // The agent stays connected even if the organization denies the action.
  const containers = [{ name: 'app', isConnected: true }];
  const clusters = [{ name: 'demo', services: [{ name: 'web', containers }] }];

  it.each<[string, object]>([
    ['deny in the fleet file', { deny: [ACTION] }],
    ['a policy', { caller: { allow: ['*'], deny: [ACTION] } }],
    ['a policy without the action', { caller: { allow: ['ecs:*', 'ssm:*'] } }],
    [
      'a policy for other sessions',
      { caller: { statements: statement('Allow', '*:session/x-*') } },
    ],
    ['the organization', { organization: { deny: [ACTION] } }],
  ])('is rejected by %s if the upgrade is signed, but not if it is unsigned', async (_, denial) => {
    await simulator.stop();
    await openSession(parseFleet({ clusters, ...denial }));
    expect(await upgrade(await sign('ssmmessages'))).toBe(403);
    expect(await upgrade({})).toBe(101);
  });

  it('is accepted if the policy names its sessions', async () => {
    await simulator.stop();
    const statements = statement('Allow', 'arn:aws:ssm:us-east-1:*:session/ecs-execute-command-*');
    await openSession(parseFleet({ clusters, caller: { statements } }));
    expect(await upgrade(await sign('ssmmessages'))).toBe(101);
  });
});
