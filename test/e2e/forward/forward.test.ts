import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, get, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { policyNamed } from '#domain/policy/policies.ts';
import { documentOf, EMPTY_VALUES } from '#domain/policy/policy-model.ts';
import { Lab, QUICK } from '#test/helpers/e2e.ts';
import {
  hasProc,
  markedSleep,
  type Program,
  untilGone,
  untilRunning,
} from '#test/helpers/program.ts';
import { rounds } from '#test/helpers/rounds.ts';

/** Binary data. The agent sends about 0.8 MB a second. */
const FILE = randomBytes(10_000_000);
const LIMIT_MS = 90_000;

/** Responds to POST with the digest of the body, and to GET with as many bytes of FILE as the path requests. */
const web = createServer(async (incoming, outgoing) => {
  if (incoming.method !== 'POST') {
    outgoing.end(FILE.subarray(0, Number(incoming.url?.slice(1)) || 0));
    return;
  }
  const hash = createHash('sha256');
  for await (const data of incoming) hash.update(data);
  outgoing.end(hash.digest('hex'));
});
/** Echoes its input in upper case, and closes after the end of its input. */
const shouting = createTcpServer((socket) => {
  socket.on('error', () => undefined);
  socket.on('data', (data) => socket.write(data.toString().toUpperCase()));
});

let lab: Lab;
const sockets: Socket[] = [];

beforeAll(async () => {
  for (const server of [web, shouting]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const ports = { '80': portOf(web), '81': portOf(shouting), '82': 1 };
  const app = { name: 'app', ports };
  lab = await Lab.start({
    timings: QUICK,
    sessionLimit: { perContainer: 100 },
    hosts: [{ name: 'db.internal', ports: { '5432': portOf(shouting) } }],
    clusters: [{ name: 'lab', services: [{ name: 'app', containers: [app] }] }],
  });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await lab.control('faults', {});
});

afterAll(async () => {
  await lab.stop();
  web.closeAllConnections();
  for (const server of [web, shouting]) server.close();
});

interface Forward {
  readonly program: Program;
  /** The local ports, in the order of the arguments. */
  readonly ports: readonly number[];
}

async function forward(...words: readonly string[]): Promise<Forward> {
  const program = lab.start(['forward', '--json', 'lab/app', ...words]);
  await program.untilOutput('\n');
  const line: { forwards: { localPort: number }[] } = JSON.parse(program.stdout.toString());
  return { program, ports: line.forwards.map(({ localPort }) => localPort) };
}

/** Ends the program as Ctrl-C does, and expects that no session is left. */
async function end({ program }: Forward): Promise<void> {
  program.signal('SIGINT');
  expect(await program.finished).toMatchObject({ status: 130 });
  expect(await openSessions()).toBe(0);
}

async function openSessions(): Promise<number> {
  const sessions = await lab.control('sessions');
  if (!Array.isArray(sessions)) throw new TypeError('the simulator tells no sessions');
  return sessions.filter(({ state }) => state !== 'closed').length;
}

describe('ecsh forward', () => {
  it('forwards many concurrent HTTP connections to a container and to another host', async () => {
    const opened = await forward(':80', ':db.internal:5432', ':81');
    const [http = 0, remote = 0, local = 0] = opened.ports;
    const sizes = Array.from({ length: 50 }, (_, index) => 1000 + index);
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const bodies = await Promise.all(sizes.map((size) => fetchFile(http, size, agent)));
    expect(bodies.map((body) => body.equals(FILE.subarray(0, body.length)))).not.toContain(false);
    expect(bodies.map(({ length }) => length)).toEqual(sizes);
    agent.destroy();
    for (const port of [remote, local]) {
      const socket = await open(port);
      socket.write('hello');
      expect(String((await once(socket, 'data'))[0])).toBe('HELLO');
      socket.destroy();
    }
    await end(opened);
  });

  it('transfers megabytes unchanged in both directions at once', {
    timeout: LIMIT_MS,
  }, async () => {
    const opened = await forward(':80');
    const [port = 0] = opened.ports;
    const part = FILE.subarray(0, Math.max(2_000_000, rounds(FILE.length)));
    const [down, up] = await Promise.all([fetchFile(port, part.length), upload(port, part)]);
    expect(down.equals(part)).toBe(true);
    expect(up).toBe(createHash('sha256').update(part).digest('hex'));
    await end(opened);
  });

  it('does so over a bad network that disconnects twice', { timeout: LIMIT_MS }, async () => {
    const opened = await forward(':80');
    const [port = 0] = opened.ports;
    await lab.control('faults', { drop: 0.01, dup: 0.03, reorder: 0.03, delayMs: 10 });
    const part = FILE.subarray(0, 1_000_000);
    const both = Promise.all([fetchFile(port, part.length), upload(port, part)]);
    for (let cuts = 0; cuts < 2; cuts++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await lab.control('cut');
    }
    const [down, up] = await both;
    expect(down.equals(part)).toBe(true);
    expect(up).toBe(createHash('sha256').update(part).digest('hex'));
    await end(opened);
  });

  it('waits for a slow reader without losing data', { timeout: LIMIT_MS }, async () => {
    const opened = await forward(':80', ':81');
    const [port = 0, other = 0] = opened.ports;
    const slow = await open(port);
    slow.pause();
    slow.write('GET /9000000 HTTP/1.0\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    // Each port has its own session.
    const socket = await open(other);
    socket.write('x');
    expect(String((await once(socket, 'data'))[0])).toBe('X');
    const answer = await contentOf(slow);
    expect(answer.subarray(-9_000_000).equals(FILE.subarray(0, 9_000_000))).toBe(true);
    await end(opened);
  });

  it('delivers the response after the client has half-closed the connection', async () => {
    const opened = await forward(':80');
    const [port = 0] = opened.ports;
    const socket = await open(port);
    socket.end('GET /5 HTTP/1.0\r\n\r\n');
    const answer = await contentOf(socket);
    expect(answer.subarray(-5).equals(FILE.subarray(0, 5))).toBe(true);
    await end(opened);
  });

  it('resets connections that the container refuses, and reports it', async () => {
    const opened = await forward(':82');
    const [port = 0] = opened.ports;
    const socket = await open(port);
    await expect(contentOf(socket)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await opened.program.untilOutput('The agent cannot connect to port 82', 'stderr');
    await end(opened);
  });

  it('closes the remote connection if the local program disconnects', async () => {
    const opened = await forward(':81');
    const connected = once(shouting, 'connection');
    const socket = await open(opened.ports[0] ?? 0);
    socket.write('x');
    const [far]: Socket[] = await connected;
    await once(socket, 'data');
    socket.resetAndDestroy();
    if (far !== undefined && !far.closed) await once(far, 'close');
    await end(opened);
  });

  it('runs a local command and exits with its status', async () => {
    const script = `require('node:http').get(
      { port: process.env.ECSH_PORT, path: '/3' },
      (answer) => answer.resume().on('end', () => process.exit(7)),
    )`;
    const words = ['lab/app', ':80', '--', process.execPath, '-e', script];
    expect(await lab.run(['forward', '-q', ...words])).toEqual({
      status: 7,
      stdout: '',
      stderr: '',
    });
    expect(await openSessions()).toBe(0);
  });

  it('delivers the final data of the local command', async () => {
    const heard = vi.fn();
    shouting.once('connection', (socket: Socket) => socket.on('data', (data) => heard(`${data}`)));
    const script =
      'require("net").connect(process.env.ECSH_PORT).end("last words", () => process.exit())';
    const words = ['lab/app', ':81', '--', process.execPath, '-e', script];
    expect(await lab.run(['forward', '-q', ...words])).toMatchObject({ status: 0, stderr: '' });
    await vi.waitFor(() => expect(heard.mock.calls.flat().join('')).toBe('last words'));
  });

  it.skipIf(!hasProc)('ends the local command if ecsh is terminated', async () => {
    const sleep = markedSleep().join(' ');
    const script = `echo ready; exec ${sleep}`;
    const program = lab.start(['forward', '-q', 'lab/app', ':80', '--', 'sh', '-c', script]);
    await program.untilOutput('ready');
    program.signal('SIGTERM');
    expect(await program.finished).toMatchObject({ status: 143 });
    await untilGone(sleep);
    expect(await openSessions()).toBe(0);
  });

  it('reports a local port in use before it opens a session', async () => {
    const before = JSON.stringify(await lab.control('sessions'));
    const port = portOf(web);
    expect(await lab.run(['forward', 'lab/app', `${port}:80`])).toEqual({
      status: 255,
      stdout: '',
      stderr: [
        `ecsh: 127.0.0.1:${port} is already in use. [port-in-use]`,
        '  Choose another local port, such as 8080:80, or :80 for any free port.',
        '',
      ].join('\n'),
    });
    expect(JSON.stringify(await lab.control('sessions'))).toBe(before);
  });

  it('exits with 143 on SIGTERM, and closes its connections', async () => {
    const { program, ports } = await forward(':81');
    const socket = await open(ports[0] ?? 0);
    program.signal('SIGTERM');
    await expect(contentOf(socket)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await program.finished).toMatchObject({ status: 143 });
    expect(await openSessions()).toBe(0);
  });

  it('exits on Ctrl-C on a terminal', async () => {
    const screen = await lab.openTerminal(['forward', 'lab/app', ':80']);
    await screen.until(/Forwarding 127\.0\.0\.1:\d+ -> app\/[0-9a-f]{8}:80/);
    screen.type('\x03');
    await screen.until(/^\^?C?status=130 settings=kept$/m);
    expect(await openSessions()).toBe(0);
  });

  it.skipIf(!hasProc)('leaves no session behind after SIGKILL', async () => {
    const { AWS_ENDPOINT_URL: url = '' } = lab.environment;
    const watcher = `--endpoint-url=${url} `;
    const env = { ...lab.environment, ECSH_ENDPOINT_URL: url };
    const program = lab.start(['forward', 'lab/app', ':80', ':81'], { env });
    await program.untilOutput('Forwarding', 'stderr');
    await untilRunning(watcher);
    program.signal('SIGKILL');
    await program.finished;
    await vi.waitFor(async () => expect(await openSessions()).toBe(0), 6_000);
    await untilGone(watcher);
  });
});

function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: 'localhost', allowHalfOpen: true });
  sockets.push(socket);
  // Tests that expect a reset check for it themselves.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function contentOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function fetchFile(port: number, size: number, agent?: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get({ port, path: `/${size}`, agent }, (answer) => {
      contentOf(answer).then(resolve, reject);
    }).on('error', reject);
  });
}

function upload(port: number, data: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, method: 'POST' }, (answer) => {
      contentOf(answer).then((body) => resolve(body.toString()), reject);
    });
    outgoing.on('error', reject);
    outgoing.end(data);
  });
}

describe('a caller with only the policy caller-port-forward', () => {
  const others = ['ecs:Exec*', 'ecs:*Cluster*', 'ecs:*Service*', 'ecs:*Definition*'];
  const policy = policyNamed('caller-port-forward');

  it.each([[':80'], [':db.internal:5432']])(
    'forwards %s and ends its session on an endpoint that requires signed websockets',
    async (port) => {
      const values = { partition: 'aws', region: 'us-east-1', account: '123456789012' };
      const { Statement } = documentOf(policy, { ...EMPTY_VALUES, ...values, cluster: 'lab' });
      const own = await Lab.start({
        timings: QUICK,
        faults: { requireSignature: true },
        caller: { statements: Statement },
        deny: [...others, 'ssm:Desc*', 'kms:*', 'sts:*', 'iam:*', 'ec2:*', 'logs:*', 's3:*'],
        hosts: [{ name: 'db.internal', ports: { '5432': portOf(shouting) } }],
        clusters: [
          {
            name: 'lab',
            services: [
              { name: 'app', containers: [{ name: 'app', ports: { '80': portOf(shouting) } }] },
            ],
          },
        ],
      });
      onTestFinished(() => own.stop());
      const connect =
        'printf hello | timeout 9 bash -c "exec 3<>/dev/tcp/127.0.0.1/$ECSH_PORT; cat >&3; head -c 5 <&3"';
      const finished = await own.run(['forward', 'lab/app', port, '--', 'sh', '-c', connect]);
      expect(finished).toMatchObject({ status: 0, stdout: 'HELLO' });
      expect(await own.control('sessions')).toEqual([expect.objectContaining({ state: 'closed' })]);
    },
  );
});
