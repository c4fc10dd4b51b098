import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';
import { ECSH } from '#test/helpers/program.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  expect(await lab.run(['ssh-config', '--install', '-y'])).toMatchObject({ status: 0 });
});

afterAll(() => lab.stop());

/** The part of ssh2 that writes packets, for packets that its client never sends. */
interface Packets {
  session(channel: number, window: number, packetSize: number): void;
  exec(channel: number, command: string, wantsReply: boolean): void;
  channelData(channel: number, data: Buffer): void;
  channelWindowAdjust(channel: number, bytes: number): void;
  rekey(): void;
  readonly _handlers: Record<string, (...words: never[]) => void>;
}

function isPackets(value: unknown): value is Packets {
  return typeof value === 'object' && value !== null && 'channelData' in value;
}

function packetsOf(client: Client): Packets {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!isPackets(protocol)) throw new Error('ssh2 has changed');
  return protocol;
}

/** A client of the built `ecsh ssh-proxy`. @param onStderr receives what ssh would print */
async function connect(onStderr: (text: string) => void = () => undefined): Promise<Client> {
  const [program, ...words] = ECSH;
  const child = spawn(program, [...words, 'ssh-proxy', 'app.lab.ecs'], { env: lab.environment });
  child.stderr.on('data', (chunk: Buffer) => onStderr(chunk.toString()));
  const client = new ssh2.Client();
  onTestFinished(async () => {
    client.destroy();
    child.stdin.destroy();
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  });
  const sock = Duplex.from({ readable: child.stdout, writable: child.stdin });
  sock.on('error', () => undefined);
  client.connect({ sock, username: 'root', authHandler: ['none'] });
  await new Promise<void>((resolve, reject) => {
    client.once('ready', () => resolve());
    client.once('error', reject);
  });
  client.on('error', () => undefined);
  return client;
}

/** Resolves when the server has sent this message. */
function answered(client: Client, message: string): Promise<void> {
  const { _handlers: handlers } = packetsOf(client);
  return new Promise((resolve) => {
    handlers[message] = () => resolve();
  });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The server's number for a channel. */
function numberOf(channel: ClientChannel): number {
  const outgoing: unknown = Reflect.get(channel, 'outgoing');
  if (typeof outgoing !== 'object' || outgoing === null) throw new Error('ssh2 has changed');
  return Number(Reflect.get(outgoing, 'id'));
}

function exec(client: Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error === undefined) resolve(channel);
      else reject(error);
    });
  });
}

/** Counts the bytes of a stream by value. */
async function counted(stream: AsyncIterable<Buffer>): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for await (const chunk of stream) {
    const value = String.fromCharCode(chunk[0] ?? 0);
    counts[value] = (counts[value] ?? 0) + chunk.length;
  }
  return counts;
}

async function answerOf(client: Client): Promise<unknown> {
  return counted(await exec(client, 'printf aaa'));
}

it('output that waits for window space is sent once, and before stderr', async () => {
  const client = await connect();
  const seen = { out: '', err: '' };
  const packets = packetsOf(client);
  const { _handlers: handlers } = packets;
  const mine = 500;
  handlers.CHANNEL_DATA = (_protocol: unknown, _channel: number, data: Buffer) => {
    seen.out += data.toString();
  };
  handlers.CHANNEL_EXTENDED_DATA = (_protocol: unknown, _channel: number, data: Buffer) => {
    seen.err += data.toString();
  };
  packets.session(mine, 4, 1_024);
  await answered(client, 'CHANNEL_OPEN_CONFIRMATION');
  packets.exec(0, 'printf 123456; read -r go; printf abcdef >&2; read -r go', true);
  await until(() => seen.out === '1234');
  packets.channelWindowAdjust(0, 4);
  await until(() => seen.out === '123456');
  packets.channelData(0, Buffer.from('go\n'));
  await until(() => seen.err === 'ab');
  packets.channelWindowAdjust(0, 100);
  await until(() => seen.err === 'abcdef');
  expect(seen).toEqual({ out: '123456', err: 'abcdef' });
});

it('a second program in a session is rejected, and the connection stays open', async () => {
  const client = await connect();
  const channel = await exec(client, 'cat');
  const refused = new Promise<boolean>((resolve) => {
    const callbacks: unknown = Reflect.get(channel, '_callbacks');
    if (Array.isArray(callbacks)) callbacks.push(resolve);
  });
  packetsOf(client).exec(numberOf(channel), 'echo second', true);
  expect(await refused).toBe(true);
  channel.end('first');
  expect(await counted(channel)).toEqual({ f: 5 });
});

it('a channel with a maximum packet size of 0 is rejected, and the connection stays open', async () => {
  const client = await connect();
  packetsOf(client).session(1_000, 2 ** 21, 0);
  // If it were not rejected, this would be the first channel, and its output would never end.
  packetsOf(client).exec(0, 'echo endless', false);
  expect(await answerOf(client)).toEqual({ a: 3 });
});

it('a client that sends more than its window is disconnected', async () => {
  const client = await connect();
  const channel = await exec(client, 'sleep 60');
  const id = numberOf(channel);
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve('closed')));
  for (let sent = 0; sent <= 4 * 2 ** 20; sent += 32_000) {
    packetsOf(client).channelData(id, Buffer.alloc(32_000));
  }
  expect(await closed).toBe('closed');
});

it.each([
  ['unknown modes', Buffer.from([200, 200, 1, 1, 1, 1])],
  ['a mode that ends early', Buffer.from([1, 1, 2])],
])('a terminal with %s opens', async (_what, modes) => {
  const client = await connect();
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    const pty = { cols: 91, rows: 7 };
    Reflect.set(pty, 'modes', modes);
    client.exec('stty size', { pty }, (error, opened) => {
      if (error === undefined) resolve(opened);
      else reject(error);
    });
  });
  let text = '';
  for await (const chunk of channel) text += String(chunk);
  expect(text).toContain('7 91');
});

it('output of many channels waits for a key exchange, without a warning', async () => {
  let printed = '';
  const client = await connect((text) => {
    printed += text;
  });
  const channels = await Promise.all(
    Array.from({ length: 12 }, () => exec(client, 'echo ready; read -r go; printf 12345')),
  );
  const outputs = channels.map((channel) => {
    let text = '';
    channel.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    return () => text;
  });
  await until(() => outputs.every((text) => text() === 'ready\n'));
  const sock: unknown = Reflect.get(client, '_sock');
  if (!(sock instanceof Duplex)) throw new Error('ssh2 has changed');
  for (const channel of channels) channel.write('go\n');
  packetsOf(client).rekey();
  sock.pause();
  // The commands exit while the proxy waits for the new keys.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  sock.resume();
  await until(() => outputs.every((text) => text() === 'ready\n12345'));
  expect([outputs.map((text) => text()), printed]).toEqual([
    channels.map(() => 'ready\n12345'),
    '',
  ]);
});
