import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import type { KmsApi, SsmApi } from '#domain/ports/session-ports.ts';
import { SessionConnection } from '#session/connection.ts';
import type { ConnectionEnd, ConnectionListener } from '#session/connection-listener.ts';
import type { ConnectionOptions } from '#session/connection-options.ts';
import { FakeAgent } from '#test/fakes/fake-agent.ts';
import {
  type FakeTransport,
  type FakeTransports,
  fakeTransports,
} from '#test/fakes/fake-transport.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

let clock: ManualClock;
let heard: string[];
let listener: ConnectionListener;
let transports: FakeTransports;
let transport: FakeTransport;
let resume: () => ReturnType<SsmApi['resumeSession']>;
let dataKey: KmsApi['generateDataKey'];
let abort: AbortController;
let onOpened: (opened: FakeTransport) => void;
let agent: FakeAgent;
let connection: SessionConnection;
let end: ConnectionEnd | undefined;

function open(changes: Partial<ConnectionOptions> = {}): Promise<SessionConnection> {
  const options: ConnectionOptions = {
    sessionId: 's-1',
    targetId: 'ecs:prod_aaaa_runtime',
    url: 'wss://ssmmessages.example/v1/data-channel/s-1',
    token: 'the-token',
    size: { cols: 80, rows: 24 },
    key: {
      clusterKeyId: undefined,
      clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod',
      allowsForeignKey: false,
    },
    resumeLimitMs: 10_000,
    keepAliveMs: undefined,
    clock,
    openTransport: transports.open,
    ssm: async () => ({ terminateSession: async () => undefined, resumeSession: () => resume() }),
    kms: async () => ({ generateDataKey: (request) => dataKey(request) }),
    signal: abort.signal,
    ...changes,
  };
  return SessionConnection.open(options, listener);
}

beforeEach(async () => {
  clock = new ManualClock();
  heard = [];
  listener = {
    onOutput: (data, stream) => heard.push(`${stream} ${Buffer.from(data)}`),
    onInputReady: () => heard.push('input-ready'),
    onInputDrained: () => heard.push('input-drained'),
    onNotice: (text) => heard.push(`notice ${text}`),
    onDebug: (text) => {
      if (!text.startsWith('not resumed')) heard.push(`debug ${text}`);
    },
  };
  end = undefined;
  onOpened = () => undefined;
  resume = () => Promise.reject(new EcshError('access-denied', 'Not you.'));
  dataKey = () => Promise.reject(new Error('no key is needed'));
  transports = fakeTransports((opened) => {
    transport = opened;
    agent = new FakeAgent(opened);
    onOpened(opened);
  });
  abort = new AbortController();
  connection = await open();
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

  it('reads no frame before it is ready to reply', async () => {
    onOpened = (opened) => new FakeAgent(opened).output('early');
    const loading = transports.open;
    const late: ConnectionOptions['openTransport'] = async (...way) => {
      const opened = await loading(...way);
      // The caller may have other work first.
      await settle();
      return opened;
    };
    await open({ openTransport: late });
    expect(transport.log.slice(0, 3)).toEqual(['text', 'input_stream_data', 'acknowledge']);
    expect(heard).toEqual(['input-ready', 'stdout early']);
  });

  it('fails with the error of the websocket', async () => {
    transports.failWith(new Error('refused'));
    await expect(open()).rejects.toThrow('refused');
  });

  it.each(['', 'garbage', 'http://x', 'file:///etc/passwd'])(
    'rejects a stream URL that is not a websocket address: %s',
    async (url) => {
      await expect(open({ url })).rejects.toMatchObject({ code: 'stream-url-invalid' });
      resume = async () => ({ streamUrl: url, tokenValue: 'another-token' });
      transport.lose('gone');
      await clock.advance(10_000);
      expect(end).toMatchObject({ kind: 'lost', error: { code: 'stream-url-invalid' } });
    },
  );
});

describe('a received frame', () => {
  it('is acknowledged before it is handled', () => {
    const acknowledged: number[] = [];
    listener.onOutput = () => {
      acknowledged.push(transport.log.filter((what) => what === 'acknowledge').length);
    };
    agent.output('one');
    agent.output('two');
    expect(acknowledged).toEqual([1, 2]);
  });

  it('is passed to the listener in order', () => {
    agent.handshakeComplete('This session is recorded.');
    agent.output('$ ');
    agent.exitCode('EXIT_CODE: 3');
    transport.deliver(Uint8Array.of(1, 2, 3));
    expect(heard).toEqual([
      'notice The agent says:\n  | This session is recorded.',
      'input-ready',
      'stdout $ ',
      'debug agent reports exit code 3',
      'debug ignored: frame of 3 bytes',
    ]);
  });

  it('is followed by the terminal size once the program has started', () => {
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

  it('has room until 64 messages are unacknowledged, and again after they drain', async () => {
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

  it('has no room before the program has started', () => {
    expect(connection.hasInputRoom).toBe(false);
    agent.output('$ ');
    expect(connection.hasInputRoom).toBe(true);
  });

  it('includes a changed size, but not the same size again', () => {
    agent.output('$ ');
    connection.resize({ cols: 132, rows: 43 });
    connection.resize({ cols: 132, rows: 43 });
    expect(agent.sizes).toEqual(['80x24', '80x24', '132x43']);
  });
});

describe('timers', () => {
  it('use one timer, for the next deadline', async () => {
    expect(clock.timers).toHaveLength(1);
    agent.output('$ ');
    connection.send(Buffer.from('x'));
    connection.resize({ cols: 132, rows: 43 });
    expect(clock.timers).toHaveLength(1);
    await settle();
    expect(clock.timers).toHaveLength(1);
  });

  it('resend unacknowledged input', async () => {
    agent.output('$ ');
    await settle();
    agent.stopAcknowledging();
    connection.send(Buffer.from('x'));
    const sent = () => transport.messages.filter(({ payload }) => payload.length === 1).length;
    expect(sent()).toBe(1);
    await clock.advance(5_000);
    expect(sent()).toBeGreaterThan(1);
  });

  it('release input if no handshake arrives', async () => {
    await clock.advance(1_000);
    expect(heard).toEqual(['input-ready']);
  });

  it('end a session that has not responded for five minutes', async () => {
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

  it('does not count unread time as silence of the container', async () => {
    agent.stopAcknowledging();
    connection.send(Buffer.from('x'));
    connection.pause();
    await clock.advance(900_000);
    expect(end).toBeUndefined();
    connection.resume();
    await clock.advance(299_000);
    expect(end).toBeUndefined();
    await clock.advance(2_000);
    expect(end).toMatchObject({ kind: 'failed', failure: { reason: 'unanswered' } });
  });
});

describe('the end', () => {
  it.each([
    ['', true],
    ['----------ERROR-------\nUnable to start command', true],
  ])(
    'passes on the closing message after the output before it (%j)',
    async (output, isComplete) => {
      agent.output('bye');
      agent.close(output);
      await settle();
      expect(heard).toEqual(['input-ready', 'stdout bye']);
      expect(end).toEqual({ kind: 'closed', output, isComplete });
      expect(transport.isClosed).toBe(true);
      expect(clock.timers).toEqual([]);
    },
  );

  it('is a failure if the handshake fails, after the response to it', async () => {
    agent.requestHandshake('MakeTea');
    await settle();
    expect(end).toEqual({
      kind: 'failed',
      failure: { reason: 'handshake', message: 'ecsh does not know the action MakeTea' },
    });
    expect(transport.log.slice(-3)).toEqual(['acknowledge', 'input_stream_data', 'close']);
  });

  it('is caused by ecsh if ecsh closes the connection', async () => {
    connection.close();
    await settle();
    expect(end).toEqual({ kind: 'lost', reason: 'closed by ecsh' });
    expect(transport.isClosed).toBe(true);
  });

  it('is reported once; later frames are neither handled nor sent', async () => {
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

  it('drops events of the same frame once the listener has closed the connection', async () => {
    listener.onInputReady = () => connection.close();
    agent.output('more');
    await settle();
    expect(end).toEqual({ kind: 'lost', reason: 'closed by ecsh' });
    expect(heard).toEqual([]);
  });
});

describe('a lost connection', () => {
  const way = { streamUrl: 'wss://ssmmessages.example/again', tokenValue: 'another-token' };

  /** Makes ResumeSession fail with these errors in order, and then succeed. */
  function failToResume(...failures: readonly EcshError[]): void {
    const left = [...failures];
    resume = async () => {
      heard.push(`${clock.elapsed} resume`);
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      return way;
    };
  }

  const unreachable = () => new EcshError('endpoint-unreachable', 'No network.');

  beforeEach(async () => {
    agent.output('$ ');
    await settle();
    heard = [];
  });

  it('is resumed with the new token and URL, and unacknowledged input is resent (S-14, S-20)', async () => {
    failToResume();
    agent.stopAcknowledging();
    connection.send(Buffer.from('ls\r'));
    transport.lose('websocket closed with 1006');
    connection.send(Buffer.from('pwd\r'));
    await settle();
    expect(heard).toEqual(['debug connection lost: websocket closed with 1006', '0 resume']);
    expect(transport.url).toBe(way.streamUrl);
    expect(JSON.parse(transport.texts[0] ?? '')).toMatchObject({ TokenValue: 'another-token' });
    expect(transport.log[0]).toBe('text');
    expect(agent.input).toBe('ls\rpwd\r');
    expect(agent.sizes).toEqual(['80x24']);
    expect(end).toBeUndefined();
  });

  it('is retried with growing delays, and reported after a second', async () => {
    failToResume(unreachable(), unreachable(), unreachable(), unreachable());
    transport.lose('gone');
    await clock.advance(10_000);
    expect(heard).toEqual([
      'debug connection lost: gone',
      ...['0 resume', '100 resume', '300 resume', '700 resume'],
      'notice The connection was lost; trying to resume the session.',
      ...['1500 resume', 'notice The session was resumed.'],
    ]);
  });

  it('is given up after the limit', async () => {
    const error = unreachable();
    resume = () => Promise.reject(error);
    transport.lose('gone');
    await clock.advance(10_000);
    expect(end).toEqual({ kind: 'lost', reason: 'gone', error });
    expect(clock.timers).toEqual([]);
  });

  it.each([
    ['access-denied', async () => Promise.reject(new EcshError('access-denied', 'Not you.'))],
    ['session-over', async () => undefined],
  ])('is given up at once if a retry cannot help: %s (S-16, S-17)', async (code, answer) => {
    resume = answer;
    transport.lose('gone');
    await settle();
    expect(end).toMatchObject({ kind: 'lost', reason: 'gone', error: { code } });
    expect(clock.timers).toEqual([]);
  });

  it('processes one frame after a resume while paused, and then pauses again', async () => {
    failToResume();
    connection.pause();
    transport.lose('gone');
    await settle();
    expect(transport.log.slice(0, 1)).toEqual(['text']);
    agent.output('x');
    expect(transport.log.filter((what) => what === 'pause')).toEqual(['pause']);
    await clock.advance(60_000);
    expect(end).toBeUndefined();
  });

  it('works as before if reading continued in the meantime', async () => {
    failToResume();
    connection.pause();
    transport.lose('gone');
    connection.resume();
    await settle();
    agent.stopAcknowledging();
    agent.output('x');
    connection.send(Buffer.from('ls\r'));
    const sent = transport.frames.length;
    await clock.advance(5_000);
    expect(transport.frames.length).toBeGreaterThan(sent);
    await clock.advance(300_000);
    expect(end).toMatchObject({ kind: 'failed', failure: { reason: 'unanswered' } });
  });

  it('closes a websocket that opens after the session has ended', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    resume = async () => ({ streamUrl: 'wss://ssmmessages.example/again', tokenValue: 'two' });
    const other = await open({
      openTransport: async (url, frames, signal) => {
        const opened = await transports.open(url, frames, signal);
        if (url.endsWith('again')) await gate;
        return opened;
      },
    });
    transport.lose('gone');
    await settle();
    const second = transport;
    expect(second.url).toBe('wss://ssmmessages.example/again');
    other.close();
    release();
    await settle();
    expect(second.isClosed).toBe(true);
    expect(await other.ended).toEqual({ kind: 'lost', reason: 'closed by ecsh' });
  });

  it('ends the session, not the process, on a bug in ecsh', async () => {
    resume = () => Promise.reject(new TypeError('no such thing'));
    transport.lose('gone');
    await settle();
    expect(end).toMatchObject({
      kind: 'lost',
      reason: 'gone',
      error: {
        code: 'session-failed',
        message: 'ecsh could not resume the session: no such thing',
      },
    });
    expect(clock.timers).toEqual([]);
  });

  it('stops retrying if ecsh ends the session', async () => {
    failToResume(...Array.from({ length: 50 }, unreachable));
    transport.lose('gone');
    await clock.advance(500);
    const tries = heard.length;
    connection.close();
    await settle();
    expect(end).toEqual({ kind: 'lost', reason: 'closed by ecsh' });
    expect(clock.timers).toEqual([]);
    await clock.advance(60_000);
    expect(heard.length).toBe(tries);
  });

  it('is closed again if the resume succeeds too late', async () => {
    let answer: (value: typeof way) => void = () => undefined;
    resume = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    transport.lose('gone');
    await settle();
    connection.close();
    answer(way);
    await settle();
    expect(transport.isClosed).toBe(true);
    expect(transport.texts.join()).not.toContain('another-token');
    expect(clock.timers).toEqual([]);
  });
});

describe('a service that does not respond after a resume', () => {
  const way = { streamUrl: 'wss://ssmmessages.example/again', tokenValue: 'another-token' };

  beforeEach(async () => {
    agent.output('$ ');
    await settle();
    heard = [];
    resume = async () => {
      heard.push(`${clock.elapsed} resume`);
      return way;
    };
  });

  /** Simulates a service that rejects the token. */
  function refuse(opened: FakeTransport): void {
    agent.stopAcknowledging();
    setImmediate(() => opened.lose('invalid token'));
  }

  it('is retried if its websocket closes at once', async () => {
    let tries = 0;
    onOpened = (opened) => {
      tries += 1;
      if (tries < 4) refuse(opened);
    };
    transport.lose('gone');
    for (let i = 0; i < 20; i++) await clock.advance(100);
    expect(heard.filter((line) => line.endsWith('resume'))).toEqual([
      '0 resume',
      '200 resume',
      '400 resume',
      '800 resume',
    ]);
    expect(end).toBeUndefined();
  });

  it('ends the session after the total limit if that never stops (S-15)', async () => {
    onOpened = refuse;
    transport.lose('gone');
    for (let i = 0; i < 101; i++) await clock.advance(100);
    expect(end).toMatchObject({ kind: 'lost', error: { code: 'service-silent' } });
    expect(heard.filter((line) => line.startsWith('notice'))).toEqual([
      'notice The connection was lost; trying to resume the session.',
    ]);
    expect(clock.timers).toEqual([]);
  });

  it.each([
    ['whose websocket opens and stays silent', async () => way],
    ['that does not answer ResumeSession', () => new Promise<never>(() => undefined)],
  ])('ends the session after the limit: a service %s', async (_name, answer) => {
    resume = answer;
    onOpened = () => agent.stopAcknowledging();
    transport.lose('no answer to a ping');
    await clock.advance(9_999);
    expect(end).toBeUndefined();
    await clock.advance(1);
    expect(end).toMatchObject({
      kind: 'lost',
      reason: 'no answer to a ping',
      error: { code: 'service-silent' },
    });
    expect(transport.isClosed).toBe(true);
    expect(clock.timers).toEqual([]);
  });

  it('is still silent if only a late frame of the old socket arrives', async () => {
    resume = () => new Promise<never>(() => undefined);
    const old = agent;
    transport.lose('gone');
    old.output('late');
    await clock.advance(10_000);
    expect(heard).not.toContain('stdout late');
    expect(end).toMatchObject({ kind: 'lost', error: { code: 'service-silent' } });
  });

  it('ends the session at once if it does not know the session (S-16)', async () => {
    resume = () => Promise.reject(new EcshError('session-not-found', 'Does not exist.'));
    transport.lose('gone');
    await settle();
    expect(end).toMatchObject({ kind: 'lost', error: { code: 'session-over' } });
  });
});

describe('an error while handling a frame', () => {
  it('ends the session without crashing the process', async () => {
    listener.onOutput = () => {
      throw new TypeError('Cannot convert object to primitive value');
    };
    agent.output('x');
    await settle();
    expect(end).toMatchObject({
      kind: 'failed',
      error: {
        code: 'session-failed',
        message: 'ecsh cannot handle what the agent sent: Cannot convert object to primitive value',
        cause: new TypeError('Cannot convert object to primitive value'),
      },
    });
    expect(transport.isClosed).toBe(true);
  });

  it.each([
    ['an object without a string', { toString: 1 }, '{"toString":1}'],
    ['a deeply nested array', nested(1_000), '['.repeat(80)],
    ['a number', 5, '5'],
    ['null', null, 'null'],
    ['a long string', 'x'.repeat(500), 'x'.repeat(80)],
  ])('is not caused by a session type that is %s', async (_name, SessionType, shown) => {
    agent.requestHandshake('SessionType', { SessionType });
    await settle();
    expect(end).toMatchObject({
      kind: 'failed',
      failure: { reason: 'handshake', message: `ecsh cannot take part in a ${shown} session` },
    });
  });
});

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe('a session that must be encrypted', () => {
  const keyId = 'arn:aws:kms:us-east-1:123456789012:key/1234';

  it('requests a data key with the context that the agent verifies', async () => {
    const asked: unknown[] = [];
    dataKey = async (request) => {
      asked.push(request);
      return { plaintext: new Uint8Array(64).fill(7), ciphertext: Uint8Array.of(1, 2, 3) };
    };
    agent.requestHandshake('KMSEncryption', { KMSKeyId: keyId });
    await settle();
    expect(asked).toEqual([
      {
        keyId,
        encryptionContext: {
          'aws:ssm:SessionId': 's-1',
          'aws:ssm:TargetId': 'ecs:prod_aaaa_runtime',
        },
      },
    ]);
    expect(end).toBeUndefined();
  });

  it('wipes its copy of the key after the channel has copied it (K-3)', async () => {
    const plaintext = new Uint8Array(64).fill(7);
    dataKey = async () => ({ plaintext, ciphertext: Uint8Array.of(1, 2, 3) });
    agent.requestHandshake('KMSEncryption', { KMSKeyId: keyId });
    await settle();
    expect(plaintext).toEqual(new Uint8Array(64));
  });

  it('names the key in the debug log', async () => {
    dataKey = async () => ({ keyId, plaintext: new Uint8Array(64), ciphertext: Uint8Array.of(1) });
    agent.requestHandshake('KMSEncryption', { KMSKeyId: 'alias/logs' });
    await settle();
    expect(heard).toContain(`debug the session is encrypted with ${keyId}`);
  });

  it('fails without calling KMS if the agent names a key of another account', async () => {
    const foreign = 'arn:aws:kms:us-east-1:999999999999:key/1234';
    agent.requestHandshake('KMSEncryption', { KMSKeyId: foreign });
    await settle();
    expect(end).toMatchObject({
      kind: 'failed',
      error: {
        code: 'session-not-encrypted',
        message: `The session was ended for your safety: the agent asked for ${foreign}, a key of another account, and the cluster's own key is not known.`,
      },
    });
  });

  it('fails with the reason of the missing data key', async () => {
    dataKey = () => Promise.reject(new EcshError('access-denied', 'Not you.', { hint: 'Ask.' }));
    agent.requestHandshake('KMSEncryption', { KMSKeyId: keyId });
    await settle();
    expect(end).toMatchObject({
      kind: 'failed',
      error: {
        code: 'data-key-refused',
        message: `The cluster encrypts sessions with ${keyId}, and KMS gives no data key: Not you.`,
        hint: 'Ask.',
      },
    });
  });
});
