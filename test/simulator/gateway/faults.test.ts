import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageType, PayloadType } from '#protocol/message.ts';
import { decodeMessage } from '#protocol/message-codec.ts';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import { NO_FAULTS } from '#simulator/gateway/faults.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

let simulator: Simulator;
let client: RawClient;

const fleet = defaultFleet();
const quick = { ...fleet, timings: { ...fleet.timings, outputDelayMs: 20 } };

beforeEach(async () => {
  simulator = await startSimulator({ fleet: quick, env: process.env });
  client = new RawClient(simulator);
});

afterEach(async () => {
  client.vanish();
  await simulator.stop();
});

async function control(verb: string, body: object = {}): Promise<unknown> {
  const url = `${simulator.endpoint}/_simulator/${verb}`;
  const headers = { authorization: `Bearer ${simulator.environment.AWS_SECRET_ACCESS_KEY}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}

describe('a third session in a container', () => {
  it('opens and stays silent until another one ends', async () => {
    const others = [new RawClient(simulator), new RawClient(simulator)];
    for (const other of others) await other.execute('sleep 1000');
    await client.execute('echo mine');
    await client.open();
    await others[1]?.terminate();
    await client.until(() => client.closedWith !== undefined);
    expect(client.output).toBe('mine\r\n');
  });

  it('is refused by ECS if the fleet says so', async () => {
    await simulator.stop();
    const sessionLimit = { perContainer: 2, isRefused: true };
    simulator = await startSimulator({ fleet: { ...quick, sessionLimit }, env: process.env });
    client = new RawClient(simulator);
    for (let i = 0; i < 2; i++) await new RawClient(simulator).execute('sleep 1000');
    await expect(client.execute('echo mine')).rejects.toThrow();
    expect(simulator.calls.at(-1)?.error).toBe('ClientException');
  });
});

describe('faults', () => {
  it('end an idle session with the message of the service', async () => {
    simulator.setFaults({ ...NO_FAULTS, idleTimeoutMs: 200 });
    await client.execute('cat');
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe(
      'Your session timed out due to inactivity and has been terminated.',
    );
  });

  it('reject a token as expired', async () => {
    simulator.setFaults({ ...NO_FAULTS, expireTokens: true });
    await client.execute('cat');
    await client.open();
    await client.until(() => client.closeCode !== undefined);
    expect(client.messages).toEqual([]);
  });

  it('disconnect the socket repeatedly', async () => {
    simulator.setFaults({ ...NO_FAULTS, cutEveryMs: 50 });
    await client.execute('cat');
    await client.open();
    await client.until(() => client.closeCode !== undefined);
    await client.resume();
    await client.open();
    await client.until(() => client.closeCode !== undefined);
    expect(client.closeCode).toBe(1006);
  });

  it('send an unknown type', async () => {
    simulator.setFaults({ ...NO_FAULTS, unknownTypes: true });
    await client.execute('cat');
    await client.open();
    await client.until(() => client.of(MessageType.startPublication).length > 0);
    expect(client.messages[0]?.messageType).toBe('service_announcement');
  });

  it('corrupt digests', async () => {
    simulator.setFaults({ ...NO_FAULTS, corrupt: 1 });
    await client.execute('echo x');
    await client.open();
    await client.until(() => client.digestErrors > 0);
    expect(client.output).toBe('');
  });
});

describe('a disconnect of the agent', () => {
  const ECHO = "sh -c 'stty raw -echo; echo ready; exec head -c 6'";

  it('between a write and its acknowledgement makes a resend arrive twice (S-8a)', async () => {
    await client.execute(ECHO);
    await client.open();
    await client.until(() => client.output.includes('ready'));
    await control('cut-agent', { at: 'acknowledgement' });
    await client.sendSurely('abc', PayloadType.output);
    await client.until(() => client.closedWith !== undefined);
    expect(client.output.replaceAll(/\s/g, '')).toBe('readyabcabc');
    expect(client.acknowledged).toEqual([0]);
  });

  it('does so repeatedly at the rate of agentCut', async () => {
    await client.execute(ECHO);
    await client.open();
    await client.until(() => client.output.includes('ready'));
    simulator.setFaults({ ...NO_FAULTS, agentCut: 1, agentAwayMs: 20 });
    client.send('a');
    const retry = setInterval(() => client.sendFrame(0, 'a', PayloadType.output), 20);
    await client.until(() => client.closedWith !== undefined);
    clearInterval(retry);
    expect(client.output.replaceAll(/\s/g, '')).toBe('readyaaaaaa');
  });

  it('at another moment loses no data', async () => {
    await client.execute("sh -c 'stty raw -echo; echo ready; head -c 3; sleep 0.1; echo end'");
    await client.open();
    await client.until(() => client.output.includes('ready'));
    await control('cut-agent');
    await client.until(() => client.of(MessageType.pausePublication).length > 0);
    await client.sendSurely('abc', PayloadType.output);
    await client.until(() => client.closedWith !== undefined);
    expect(client.output.replaceAll(/\s/g, '')).toBe('readyabcend');
  });
});

describe('the control endpoint', () => {
  it('lists sessions, and disconnects, closes and injects', async () => {
    await client.execute('cat');
    await client.open();
    await client.until(() => client.of(MessageType.startPublication).length > 0);
    expect(await control('sessions')).toMatchObject([
      { id: client.sessionId, command: 'cat', container: 'app', state: 'connected', opens: 1 },
    ]);
    await control('cut');
    await client.until(() => client.closeCode !== undefined);
    await client.resume();
    await client.open();
    const frame = Buffer.alloc(117);
    frame.writeUInt32BE(112, 0);
    frame.write('hand_made', 4);
    frame.writeUInt32BE(1, 44);
    frame.writeUInt32BE(1, 112);
    frame.set(
      Buffer.from('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', 'hex'),
      80,
    );
    expect(decodeMessage(frame).messageType).toBe('hand_made');
    await client.until(() => client.of(MessageType.startPublication).length > 1);
    await control('inject', { base64: frame.toString('base64') });
    await client.until(() => client.of('hand_made').length > 0);
    await control('close', { output: 'enough' });
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe('enough');
  });

  it('sets faults, and rejects unknown faults and verbs', async () => {
    expect(await control('faults', { delayMs: 5 })).toEqual({ ...NO_FAULTS, delayMs: 5 });
    expect(await control('faults', { dealyMs: 5 })).toEqual({
      error: 'faults: there is no fault "dealyMs".',
    });
    expect(await control('nonsense')).toEqual({
      error: expect.stringContaining('no verb nonsense'),
    });
  });
});
