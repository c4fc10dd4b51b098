import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageType, PayloadType } from '#protocol/message.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';
import { FIN, PSH, readSmux, type SmuxFrame, SYN, smux } from './smux-frames.ts';

/** A port of this machine without a listener. */
const NOBODY = 1;
const REMOTE_HOST = 'AWS-StartPortForwardingSessionToRemoteHost';

let server: Server;
let simulator: Simulator;
let client: RawClient;
/** Handles one connection to the server. */
let serve: (socket: Socket) => void;

beforeEach(async () => {
  serve = (socket) => socket.on('data', (data) => socket.write(data));
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
    socket.on('end', () => socket.end());
  });
  const port = await listen(server);
  const fleet = parseFleet({
    timings: { crashReportMs: 20 },
    hosts: [
      { name: 'db.internal', ports: { '5432': port } },
      { name: 'metadata.internal', address: '169.254.169.254' },
      { name: 'resolver.internal', address: '10.0.0.2' },
    ],
    clusters: [
      {
        name: 'demo',
        services: [
          {
            name: 'web',
            containers: [{ name: 'app', ports: { '80': 'http', '81': port, '82': NOBODY } }],
          },
        ],
      },
    ],
  });
  simulator = await startSimulator({ fleet, env: process.env });
  client = new RawClient(simulator);
});

afterEach(async () => {
  client.vanish();
  await simulator.stop();
  await new Promise((resolve) => server.close(resolve));
});

function listen(on: Server): Promise<number> {
  return new Promise((resolve) => {
    on.listen(0, '127.0.0.1', () => {
      const address = on.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** Opens a session and completes its handshake. */
async function forward(
  parameters: Readonly<Record<string, readonly string[]>>,
  { document, version }: { document?: string; version?: string } = {},
): Promise<void> {
  await client.forward(parameters, document);
  await client.open();
  await client.handshake(version);
}

function frames(): SmuxFrame[] {
  return readSmux(Buffer.from(client.output, 'latin1'));
}

function dataOf(id: number): string {
  return frames()
    .filter(([command, stream]) => command === PSH && stream === id)
    .map(([, , data]) => data)
    .join('');
}

function isFinished(id: number): boolean {
  return frames().some(([command, stream]) => command === FIN && stream === id);
}

function flags(): string[] {
  return client
    .of(MessageType.output)
    .filter(({ payloadType }) => payloadType === PayloadType.flag)
    .map(({ payload }) => Buffer.from(payload).toString('hex'));
}

const TERMINATE = Buffer.from([0, 0, 0, 2]);

describe('a session that forwards a port', () => {
  it('requests a handshake with the properties of the document, and sends nothing before', async () => {
    await client.forward({ portNumber: ['81'], localPortNumber: ['1234'] });
    await client.open();
    await client.handshake();
    const [request] = client.of(MessageType.output);
    expect(JSON.parse(Buffer.from(request?.payload ?? []).toString())).toEqual({
      AgentVersion: '3.3.987.0',
      RequestedClientActions: [
        {
          ActionType: 'SessionType',
          ActionParameters: {
            SessionType: 'Port',
            Properties: { localPortNumber: '1234', portNumber: '81', type: 'LocalPortForwarding' },
          },
        },
      ],
    });
  });

  it('carries concurrent connections that end separately', async () => {
    await forward({ portNumber: ['81'] });
    client.send(Buffer.concat([smux(SYN, 3), smux(PSH, 3, 'one'), smux(SYN, 5)]));
    client.send(smux(PSH, 5, 'two'));
    await client.until(() => dataOf(3) === 'one' && dataOf(5) === 'two');
    client.send(smux(FIN, 3));
    await client.until(() => isFinished(3));
    client.send(smux(PSH, 5, '!'));
    await client.until(() => dataOf(5) === 'two!');
    expect(isFinished(5)).toBe(false);
  });

  it('closes both directions when the client half-closes a stream', async () => {
    const gone = new Promise<void>((resolve) => {
      serve = (socket) => {
        socket.on('data', () => undefined);
        // A response after the end is discarded.
        socket.on('end', () => socket.end('too late'));
        socket.on('close', () => resolve());
      };
    });
    await forward({ portNumber: ['81'] });
    client.send(Buffer.concat([smux(SYN, 3), smux(PSH, 3, 'question'), smux(FIN, 3)]));
    await client.until(() => isFinished(3));
    await gone;
    expect(dataOf(3)).toBe('');
  });

  it('finishes the stream when the port closes its connection', async () => {
    serve = (socket) => socket.end('bye');
    await forward({ portNumber: ['81'] });
    client.send(smux(SYN, 3));
    await client.until(() => isFinished(3));
    expect(frames()).toEqual([
      [PSH, 3, 'bye'],
      [FIN, 3, ''],
    ]);
  });

  it('transfers bytes unchanged both ways, in payloads of at most 1024 bytes', async () => {
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));
    await forward({ portNumber: ['81'] });
    client.send(smux(SYN, 3));
    for (let at = 0; at < sent.length; at += 1000) {
      client.send(smux(PSH, 3, sent.subarray(at, at + 1000)));
    }
    await client.until(
      () => client.output.length > sent.length && dataOf(3).length === sent.length,
    );
    expect(digest(Buffer.from(dataOf(3), 'latin1'))).toBe(digest(sent));
    const outputs = client.of(MessageType.output).filter(({ payloadType }) => payloadType === 1);
    expect(Math.max(...outputs.map(({ payload }) => payload.length))).toBe(1024);
  });

  it('continues after a disconnect and a resume', async () => {
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 11) % 256));
    serve = (socket) => socket.end(sent);
    await forward({ portNumber: ['81'] });
    client.send(smux(SYN, 3));
    await client.until(() => client.output.length > 20_000);
    client.vanish();
    await client.until(() => client.closeCode !== undefined);
    await client.resume();
    await client.open();
    await client.until(() => client.output.length > 300_000 && isFinished(3));
    expect(digest(Buffer.from(dataOf(3), 'latin1'))).toBe(digest(sent));
  });

  it('responds itself if the fleet maps a port to http', async () => {
    await forward({ portNumber: ['80'] });
    client.send(smux(SYN, 3));
    client.send(smux(PSH, 3, 'GET /x HTTP/1.0\r\n\r\n'));
    await client.until(() => isFinished(3));
    expect(dataOf(3)).toMatch(/Hello from demo\/web@app in ecsh simulate: GET \/x\n$/);
  });

  it('reports a port without a listener, finishes that stream, and accepts the next one', async () => {
    await forward({ portNumber: ['82'] });
    client.send(smux(SYN, 3));
    await client.until(() => isFinished(3));
    expect(flags()).toEqual(['00000003']);
    client.send(smux(SYN, 5));
    await client.until(() => isFinished(5));
    expect(flags()).toEqual(['00000003', '00000003']);
  });

  it('ends on the terminate flag', async () => {
    await forward({ portNumber: ['81'] });
    client.send(TERMINATE, PayloadType.flag);
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe('');
  });

  it('ends with its connections on TerminateSession', async () => {
    const gone = new Promise<void>((resolve) => {
      serve = (socket) => socket.on('data', (data) => socket.write(data)).on('close', resolve);
    });
    await forward({ portNumber: ['81'] });
    client.send(Buffer.concat([smux(SYN, 3), smux(PSH, 3, 'here')]));
    await client.until(() => dataOf(3) === 'here');
    await client.terminate();
    await client.until(() => client.closedWith !== undefined);
    await gone;
  });

  it('ends if the client breaks the protocol while a stream is open', async () => {
    await forward({ portNumber: ['81'] });
    client.send(Buffer.concat([smux(SYN, 3), smux(PSH, 3, 'here')]));
    await client.until(() => dataOf(3) === 'here');
    client.send(Buffer.from([2, PSH, 0, 0, 3, 0, 0, 0]));
    await client.until(() => client.closedWith !== undefined);
    expect(isFinished(3)).toBe(true);
  });

  it('counts against the session limit of the container', async () => {
    const others = [new RawClient(simulator), new RawClient(simulator)];
    for (const other of others) await other.forward({ portNumber: ['81'] });
    await client.execute('echo hello');
    await client.open();
    const isSilent = () => client.of(MessageType.output).length === 0;
    await client.until(() => client.of(MessageType.startPublication).length === 0);
    expect(isSilent()).toBe(true);
    await others[0]?.terminate();
    await client.until(() => client.closedWith !== undefined);
    expect(client.output).toBe('hello\r\n');
  });
});

describe('a session that forwards to another host', () => {
  it('connects to the mapped port of the host', async () => {
    await forward({ host: ['db.internal'], portNumber: ['5432'] }, { document: REMOTE_HOST });
    client.send(Buffer.concat([smux(SYN, 3), smux(PSH, 3, 'select')]));
    await client.until(() => dataOf(3) === 'select');
  });

  it('ends for a name that does not resolve', async () => {
    const parameters = { host: ['nowhere.internal'], portNumber: ['5432'] };
    await forward(parameters, { document: REMOTE_HOST });
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe('lookup nowhere.internal on 10.0.0.2:53: no such host');
  });

  it('cannot connect to an address that no host has', async () => {
    await forward({ host: ['10.9.9.9'], portNumber: ['5432'] }, { document: REMOTE_HOST });
    client.send(smux(SYN, 3));
    await client.until(() => isFinished(3));
    expect(flags()).toEqual(['00000003']);
  });

  it.each(['169.254.169.254', 'metadata.internal', 'resolver.internal', '10.0.255.255'])(
    'is refused for %s',
    async (host) => {
      await forward({ host: [host], portNumber: ['80'] }, { document: REMOTE_HOST });
      await client.until(() => client.closedWith !== undefined);
      expect(client.closedWith).toBe(`Forwarding to IP address ${host} is forbidden.`);
    },
  );
});

describe('a client without multiplexing (PROTOCOL 7.4)', () => {
  const version = '1.1.61.0';

  it('uses one connection at a time, and opens another for the next data', async () => {
    let connections = 0;
    serve = (socket) => {
      connections += 1;
      socket.on('data', (data) => socket.write(data));
    };
    await forward({ portNumber: ['81'] }, { version });
    await client.sendSurely('first', PayloadType.output);
    await client.until(() => client.output === 'first');
    client.send(Buffer.from([0, 0, 0, 1]), PayloadType.flag);
    await client.sendSurely('second', PayloadType.output);
    await client.until(() => client.output === 'firstsecond');
    expect(connections).toBe(2);
    client.send(TERMINATE, PayloadType.flag);
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe('');
  });

  it('gets a crash message some time after the port refused a connection', async () => {
    await forward({ portNumber: ['82'] }, { version });
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toMatch(/^document process failed unexpectedly: /);
  });
});

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
