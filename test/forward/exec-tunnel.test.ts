import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { ExecTunnel } from '#forward/exec-tunnel.ts';
import { FakeCommands } from '#test/fakes/fake-commands.ts';
import { FakeConnection } from '#test/fakes/fake-local.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

let clock: ManualClock;
let session: FakeCommands;
let failures: EcshError[];
let tunnel: ExecTunnel;
let heard: string[];

beforeEach(() => {
  clock = new ManualClock();
  session = new FakeCommands();
  failures = [];
  heard = [];
  const onFailure = (error: EcshError) => failures.push(error);
  tunnel = new ExecTunnel({ clock, session, onFailure, onDebug: () => undefined });
});

async function open(program = 'perl'): Promise<void> {
  const opening = tunnel.open();
  await session.last.writes(`${program}\n`);
  session.last.end({ status: 0 });
  await opening;
}

function connect(): FakeConnection {
  const connection = new FakeConnection();
  tunnel.connect({ host: 'db', port: 5432 }, connection, {
    onConnected: () => heard.push('connected'),
    onRefused: (why) => heard.push(why),
  });
  return connection;
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settle();
}

describe('opening', () => {
  it('finds a program that can connect', async () => {
    await open();
    expect(tunnel.sessionId).toBe('shared-1');
    connect();
    expect(session.last.argv.slice(0, 2)).toEqual(['perl', '-e']);
    expect(session.last.argv.slice(3)).toEqual(['db', '5432']);
  });

  it('fails if the image has none', async () => {
    const opening = tunnel.open();
    session.last.end({ status: 1 });
    await expect(opening).rejects.toThrow(expect.objectContaining({ code: 'dialer-missing' }));
  });

  it('fails with the error of the session', async () => {
    const failure = new EcshError('access-denied', 'Not you.');
    const opening = tunnel.open();
    session.last.end({ failure });
    await expect(opening).rejects.toBe(failure);
  });
});

describe('a connection', () => {
  beforeEach(() => open());

  it('is not read before the remote side is connected, and then carries data both ways to the end', async () => {
    const local = connect();
    local.send('hello');
    await rest();
    expect([session.last.input, heard]).toEqual(['', []]);
    await session.last.complains('ecsh-up');
    await rest();
    expect([session.last.input, heard]).toEqual(['hello', ['connected']]);
    await session.last.writes('answer');
    local.sendEnd();
    await rest();
    expect(session.last.input).toBe('hello<end>');
    session.last.end({ status: 0 });
    await rest();
    expect(local.log).toEqual(['data answer', 'end']);
    await clock.advance(1_000);
    expect(local.log).toEqual(['data answer', 'end', 'close']);
    expect(clock.timers).toEqual([]);
  });

  it.each([
    ['ecsh-down Connection refused', 'refused'],
    ['ecsh-down Name or service not known', 'unknown-host'],
    ['', 'failed'],
  ])('that is refused is reported to the caller: %j', async (complaint, why) => {
    const local = connect();
    if (complaint !== '') await session.last.complains(complaint);
    session.last.end({ status: 111 });
    await rest();
    expect([heard, local.log, failures]).toEqual([[why], [], []]);
    expect(clock.timers).toEqual([]);
  });

  it('to the container itself tries both loopback addresses', async () => {
    tunnel.connect({ host: undefined, port: 80 }, new FakeConnection(), {
      onConnected: () => heard.push('connected'),
      onRefused: (why) => heard.push(why),
    });
    expect(session.last.argv.slice(3)).toEqual(['127.0.0.1', '80']);
    await session.last.complains('ecsh-down Connection refused');
    session.last.end({ status: 111 });
    await rest();
    expect(session.last.argv.slice(3)).toEqual(['::1', '80']);
    await session.last.complains('ecsh-up');
    session.last.end({ status: 0 });
    await rest();
    expect(heard).toEqual(['connected']);
  });

  it('that takes too long is aborted', async () => {
    connect();
    await clock.advance(30_000);
    await rest();
    expect([session.last.wasAborted, heard]).toEqual([true, ['timed-out']]);
  });

  it('to a remote side that closes at once counts as connected', async () => {
    const local = connect();
    session.last.end({ status: 0 });
    await rest();
    expect([heard, local.log]).toEqual([['connected'], ['end']]);
  });

  it('that the remote side aborts is reset', async () => {
    const local = connect();
    await session.last.complains('ecsh-up');
    session.last.end({ status: 1 });
    await rest();
    expect(local.log).toEqual(['reset']);
  });

  it('that its program drops ends the command', async () => {
    const local = connect();
    await session.last.complains('ecsh-up');
    local.disappear();
    expect(session.last.wasAborted).toBe(true);
  });

  it('waits for a slow program', async () => {
    const local = connect();
    local.isReading = false;
    await session.last.complains('ecsh-up');
    let isTaken = false;
    void session.last.writes('x').then(() => {
      isTaken = true;
    });
    await rest();
    expect(isTaken).toBe(false);
    local.catchUp();
    await rest();
    expect(isTaken).toBe(true);
  });

  it('that loses its session early ends the forward only for a permanent reason', async () => {
    connect();
    session.last.end({ failure: new EcshError('status-unknown', 'The session ended.') });
    await rest();
    expect(failures).toEqual([]);
    connect();
    const failure = new EcshError('task-not-running', 'The task has stopped.');
    session.last.end({ failure });
    await rest();
    expect(failures).toEqual([failure]);
  });
});

describe('with a dialer that cannot half-close', () => {
  beforeEach(() => open('bash'));

  it('keeps a half-closed connection for thirty seconds after the last data from the remote side', async () => {
    const local = connect();
    await session.last.complains('ecsh-up');
    local.sendEnd();
    await clock.advance(20_000);
    await session.last.writes('x');
    await clock.advance(20_000);
    expect(session.last.wasAborted).toBe(false);
    await clock.advance(10_000);
    await rest();
    expect(session.last.wasAborted).toBe(true);
    expect(local.log).toEqual(['data x', 'end']);
  });
});

it('settles once all connections have ended, or after five seconds', async () => {
  await open();
  connect();
  let isSettled = false;
  const settling = tunnel.settle().then(() => {
    isSettled = true;
  });
  await rest();
  expect(isSettled).toBe(false);
  await clock.advance(5_000);
  await settling;
  session.last.end({ status: 0 });
  await tunnel.settle();
});

it('closes its connections and its session', async () => {
  await open();
  const local = connect();
  await tunnel.close();
  expect([local.log, session.last.wasAborted, session.isClosed]).toEqual([['reset'], true, true]);
});
