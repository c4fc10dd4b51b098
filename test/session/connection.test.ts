import { beforeEach, describe, expect, it } from 'vitest';
import {
  Connection,
  type ConnectionEnd,
  type ConnectionListener,
} from '../../src/session/connection.ts';
import { FakeAgent } from '../helpers/fake-agent.ts';
import { type FakeTransport, fakeTransports } from '../helpers/fake-transport.ts';
import { ManualClock, settle } from '../helpers/manual-clock.ts';

let clock: ManualClock;
let heard: string[];
let listener: ConnectionListener;
let transport: FakeTransport;
let agent: FakeAgent;
let connection: Connection;
let end: ConnectionEnd | undefined;

beforeEach(async () => {
  clock = new ManualClock();
  heard = [];
  listener = {
    onOutput: (data, stream) => heard.push(`${stream} ${Buffer.from(data)}`),
    onInputReady: () => heard.push('input-ready'),
    onInputDrained: () => heard.push('input-drained'),
    onNotice: (text) => heard.push(`notice ${text}`),
    onDebug: (text) => heard.push(`debug ${text}`),
  };
  end = undefined;
  const transports = fakeTransports((opened) => {
    transport = opened;
    agent = new FakeAgent(opened);
  });
  connection = await Connection.open(
    {
      url: 'wss://ssmmessages.example/v1/data-channel/s-1',
      token: 'the-token',
      size: { cols: 80, rows: 24 },
      clock,
      openTransport: transports.open,
      signal: new AbortController().signal,
    },
    listener,
  );
  void connection.ended.then((value) => {
    end = value;
  });
  await settle();
});

describe('a connection that opens', () => {
  it('sends the token as text first, then Size', () => {
    expect(transport.url).toBe('wss://ssmmessages.example/v1/data-channel/s-1');
    expect(transport.log).toEqual(['text', 'input_stream_data']);
    expect(JSON.parse(transport.texts[0] ?? '')).toEqual({
      MessageSchemaVersion: '1.0',
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      TokenValue: 'the-token',
      ClientId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ClientVersion: '1.2.764.0',
    });
    expect(agent.sizes).toEqual(['80x24']);
  });

  it('fails as the websocket does', async () => {
    const transports = fakeTransports();
    transports.failWith(new Error('refused'));
    const opening = Connection.open(
      {
        url: 'wss://x',
        token: 't',
        size: { cols: 80, rows: 24 },
        clock,
        openTransport: transports.open,
        signal: new AbortController().signal,
      },
      listener,
    );
    await expect(opening).rejects.toThrow('refused');
  });
});

describe('what arrives', () => {
  it('is acknowledged before anybody acts on it', () => {
    const acknowledged: number[] = [];
    listener.onOutput = () => {
      acknowledged.push(transport.log.filter((what) => what === 'acknowledge').length);
    };
    agent.output('one');
    agent.output('two');
    expect(acknowledged).toEqual([1, 2]);
  });

  it('goes to the listener in order', () => {
    agent.handshakeComplete('This session is recorded.');
    agent.output('$ ');
    agent.exitCode('EXIT_CODE: 3');
    transport.deliver(Uint8Array.of(1, 2, 3));
    expect(heard).toEqual([
      'notice This session is recorded.',
      'input-ready',
      'stdout $ ',
      'debug agent reports exit code 3',
      'debug ignored: frame of 3 bytes',
    ]);
  });

  it('is answered with the size, once the program is there', () => {
    agent.output('$ ');
    expect(agent.sizes).toEqual(['80x24', '80x24']);
  });
});

describe('input', () => {
  it('goes out at once, in order', () => {
    agent.output('$ ');
    connection.send(Buffer.from('l'));
    connection.send(Buffer.from('s\r'));
    expect(agent.input).toBe('ls\r');
  });

  it('has room until 64 messages are unanswered, and again once it has drained', async () => {
    agent.output('$ ');
    await settle();
    agent.stopAcknowledging();
    connection.send(Buffer.alloc(64 * 1024));
    expect(connection.hasInputRoom).toBe(true);
    connection.send(Buffer.from('x'));
    expect(connection.hasInputRoom).toBe(false);
    expect(heard).not.toContain('input-drained');
    const [oldest] = transport.messages.filter(({ payload }) => payload.length === 1024);
    if (oldest !== undefined) agent.acknowledge(oldest);
    expect(heard.at(-1)).toBe('input-drained');
    expect(connection.hasInputRoom).toBe(true);
  });

  it('has no room before the program is there', () => {
    expect(connection.hasInputRoom).toBe(false);
    agent.output('$ ');
    expect(connection.hasInputRoom).toBe(true);
  });

  it('has room whatever waits in the socket: the window bounds it, and only it says when to go on', () => {
    agent.output('$ ');
    transport.bufferedAmount = 10_000_000;
    expect(connection.hasInputRoom).toBe(true);
  });

  it('includes a new size, but not the same size again', () => {
    agent.output('$ ');
    connection.resize({ cols: 132, rows: 43 });
    connection.resize({ cols: 132, rows: 43 });
    expect(agent.sizes).toEqual(['80x24', '80x24', '132x43']);
  });
});

describe('time', () => {
  it('is one timer, at the next deadline', async () => {
    expect(clock.timers).toHaveLength(1);
    agent.output('$ ');
    connection.send(Buffer.from('x'));
    connection.resize({ cols: 132, rows: 43 });
    expect(clock.timers).toHaveLength(1);
    await settle();
    expect(clock.timers).toHaveLength(1);
  });

  it('sends again what is not acknowledged', async () => {
    agent.output('$ ');
    await settle();
    agent.stopAcknowledging();
    connection.send(Buffer.from('x'));
    const sent = () => transport.messages.filter(({ payload }) => payload.length === 1).length;
    expect(sent()).toBe(1);
    await clock.advance(5_000);
    expect(sent()).toBeGreaterThan(1);
  });

  it('releases input when no handshake comes', async () => {
    await clock.advance(1_000);
    expect(heard).toEqual(['input-ready']);
  });

  it('ends a session that has not answered for five minutes', async () => {
    agent.output('$ ');
    await settle();
    agent.stopAcknowledging();
    connection.send(Buffer.from('x'));
    await clock.advance(299_000);
    expect(end).toBeUndefined();
    await clock.advance(20_000);
    expect(end).toEqual({
      kind: 'failed',
      failure: {
        reason: 'unanswered',
        message: 'the container has not answered for five minutes',
      },
    });
    expect(transport.isClosed).toBe(true);
    expect(clock.timers).toEqual([]);
  });
});

describe('backpressure', () => {
  it('stops reading the socket', () => {
    connection.pause();
    connection.resume();
    expect(transport.log.slice(-2)).toEqual(['pause', 'resume']);
  });
});

describe('the end', () => {
  it.each([
    ['', true],
    ['----------ERROR-------\nUnable to start command', true],
  ])('is the word of the service, after the output before it (%j)', async (output, isComplete) => {
    agent.output('bye');
    agent.close(output);
    await settle();
    expect(heard).toEqual(['input-ready', 'stdout bye']);
    expect(end).toEqual({ kind: 'closed', output, isComplete });
    expect(transport.isClosed).toBe(true);
    expect(clock.timers).toEqual([]);
  });

  it('is a failure when the handshake cannot be answered, after the answer', async () => {
    agent.requestHandshake('MakeTea');
    await settle();
    expect(end).toEqual({
      kind: 'failed',
      failure: { reason: 'handshake', message: 'ecsh does not know the action MakeTea' },
    });
    expect(transport.log.slice(-3)).toEqual(['acknowledge', 'input_stream_data', 'close']);
  });

  it('is a loss when the socket goes', async () => {
    transport.lose('websocket closed with 1006');
    await settle();
    expect(end).toEqual({ kind: 'lost', reason: 'websocket closed with 1006' });
    expect(clock.timers).toEqual([]);
  });

  it('is ours when we close', async () => {
    connection.close();
    await settle();
    expect(end).toEqual({ kind: 'lost', reason: 'closed by ecsh' });
    expect(transport.isClosed).toBe(true);
  });

  it('comes once: what follows is neither heard nor sent', async () => {
    agent.close();
    const sent = transport.log.length;
    transport.lose('later');
    agent.output('too late');
    connection.send(Buffer.from('x'));
    connection.resize({ cols: 1, rows: 1 });
    connection.close();
    await clock.advance(600_000);
    expect(end).toEqual({ kind: 'closed', output: '', isComplete: true });
    expect(heard).toEqual([]);
    expect(transport.log.length).toBe(sent);
  });

  it('keeps from the listener what came in one go with it', async () => {
    listener.onInputReady = () => connection.close();
    agent.output('more');
    await settle();
    expect(end).toEqual({ kind: 'lost', reason: 'closed by ecsh' });
    expect(heard).toEqual([]);
  });
});
