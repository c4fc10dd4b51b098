import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
// Loaded in advance, so that imports take no time in the tests.
import '#exec/exec-run.ts';
import type { SharedExecOptions, SharedResult } from '#shared/shared-options.ts';
import { SharedSession } from '#shared/shared-session.ts';
import { FakeRemote, LINK, readyTarget, SESSION } from '#test/fakes/fake-remote.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let remote: FakeRemote;
let session: SharedSession;
let debug: string[];

beforeEach(() => {
  remote = new FakeRemote();
  debug = [];
  session = create();
});

function create(options: { idleMs?: number; isRefused?: boolean } = {}): SharedSession {
  const { clock } = remote;
  const nothing = () => undefined;
  return new SharedSession(
    { ...remote.ports, signals: { on: () => nothing, suspend: nothing } },
    {
      target: readyTarget(),
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: nothing },
      link: LINK,
      isLogged: false,
      onNotice: nothing,
      onDebug: (text) => debug.push(text),
      ...options,
    },
  );
}

class Run {
  readonly stdout = new BufferStream();
  readonly stderr = new BufferStream();
  readonly ended: Promise<SharedResult>;

  constructor(options: Partial<SharedExecOptions> = {}) {
    const { stdout, stderr } = this;
    this.ended = session.exec(['job'], { stdout, stderr, ...options });
  }
}

/** Starts the dispatcher of the latest session. */
async function ready(features = 'tbbgmp'): Promise<void> {
  await settle();
  const nonce = / ecsh ([0-9a-f]{16})$/.exec(remote.requests.at(-1)?.command ?? '')?.[1];
  say(`${nonce} ${features}`);
  await settle();
}

function say(...lines: readonly string[]): void {
  remote.agent.output(`${lines.join('\n')}\n`);
}

/** Runs a command to its end. */
async function complete(id: number, status: number): Promise<void> {
  const text = Buffer.from(`out ${id}\n`).toString('base64');
  say(`p${id} 4${id} 4${id}`, `1${id}:0 ${text}`, `x${id} ${status}`, `e2${id}`, `e1${id}`);
  await settle();
}

const SEEN = { wasStopped: false, sessionId: SESSION.sessionId, failure: undefined };

describe('a shared session', () => {
  it('opens for the first command, and carries later ones', async () => {
    const first = new Run();
    const second = new Run();
    await ready();
    await complete(2, 7);
    await complete(1, 0);
    const third = new Run();
    await settle();
    await complete(3, 1);
    expect(await Promise.all([first, second, third].map(({ ended }) => ended))).toEqual([
      { ...SEEN, status: 0, exitCode: 0 },
      { ...SEEN, status: 7, exitCode: 7 },
      { ...SEEN, status: 1, exitCode: 1 },
    ]);
    expect([first.stdout.text, second.stdout.text]).toEqual(['out 1\n', 'out 2\n']);
    expect(remote.requests).toHaveLength(1);
  });

  it('ends running commands with 255 if it is terminated, and opens again for the next command', async () => {
    const lost = new Run();
    await ready();
    say('p1 41 41');
    await settle();
    remote.agent.close();
    const { status, exitCode, failure } = await lost.ended;
    expect([status, exitCode, failure?.code]).toEqual([undefined, 255, 'status-unknown']);
    const next = new Run();
    await ready();
    await complete(1, 3);
    expect(await next.ended).toEqual({ ...SEEN, status: 3, exitCode: 3 });
    expect(remote.requests).toHaveLength(2);
  });

  it('reports a failure to open to every waiting command, and tries again for the next', async () => {
    remote.failures.push(new EcshError('access-denied', 'No.'));
    const results = await Promise.all([new Run().ended, new Run().ended]);
    expect(results.map(({ failure }) => failure?.code)).toEqual(['access-denied', 'access-denied']);
    const next = new Run();
    await ready();
    await complete(1, 0);
    expect((await next.ended).status).toBe(0);
  });

  it('has no status for a command that had not started', async () => {
    const run = new Run();
    await ready();
    say('x1 2', 'e21', 'e11');
    const { status, exitCode, failure } = await run.ended;
    expect([status, exitCode, failure?.code]).toEqual([2, 255, 'status-unknown']);
  });

  it('has no status for a command whose shell was killed in the container', async () => {
    const run = new Run();
    await ready();
    say('p1 41 40', 'e21', 'e11');
    await settle();
    await remote.clock.advance(10_000);
    expect(await run.ended).toMatchObject({
      status: undefined,
      exitCode: 255,
      failure: { code: 'status-unknown' },
    });
  });

  it('waits for a status that arrives after the output', async () => {
    const run = new Run();
    await ready();
    say('p1 41 40', 'e21', 'e11');
    await remote.clock.advance(9_000);
    say('x1 3');
    await remote.clock.advance(9_000);
    expect(await run.ended).toEqual({ ...SEEN, status: 3, exitCode: 3 });
  });

  it('uses a separate session for each command if the image cannot share', async () => {
    const run = new Run();
    await ready('-bbgmp');
    remote.agent.close();
    await settle();
    await settle();
    expect([session.isShared, remote.requests.length]).toEqual([false, 2]);
    expect(remote.requests[1]?.command).toMatch(/ ecsh [0-9a-f]{16} '' '' '' job$/);
    remote.agent.close();
    expect((await run.ended).failure?.code).toBe('status-unknown');
    expect(debug).toContain('the image cannot share a session: one session for each command');
  });

  it('uses a separate session for each command if sharing is disabled', async () => {
    session = create({ isRefused: true });
    const run = new Run();
    await settle();
    expect(remote.requests[0]?.command).toMatch(/ ecsh [0-9a-f]{16} '' '' '' job$/);
    remote.agent.close();
    await run.ended;
  });

  it('ends after the idle limit without a command, and not before', async () => {
    session = create({ idleMs: 1_000 });
    const run = new Run();
    await ready();
    await remote.clock.advance(5_000);
    await complete(1, 0);
    await run.ended;
    await settle();
    await remote.clock.advance(999);
    await settle();
    expect(remote.agent.input).not.toMatch(/ Q\n/);
    await remote.clock.advance(1);
    await settle();
    expect(remote.agent.input).toMatch(/ Q\n/);
  });

  it('closes by itself or through the API, and ends running commands', async () => {
    const run = new Run();
    await ready();
    const closed = session.close();
    await settle();
    expect(remote.terminated).toEqual([]);
    await remote.clock.advance(1_000);
    await closed;
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect((await run.ended).failure?.code).toBe('interrupted');
    expect((await new Run().ended).failure?.code).toBe('interrupted');
  });
});

describe('stdin of several commands', () => {
  it('is not read while the session has no room', async () => {
    const stdins = Array.from({ length: 4 }, () => new PassThrough());
    const runs = stdins.map((stdin) => new Run({ stdin }));
    const paused = () => stdins.map((stdin) => stdin.isPaused());
    await ready();
    say('i1 71', 'i2 72', 'i3 73', 'i4 74', 'p1 41 41', 'p2 42 42', 'p3 43 43', 'p4 44 44');
    await settle();
    remote.agent.stopAcknowledging();
    // This is less than each command can have in flight, and more than the session can.
    for (const stdin of stdins.slice(0, 3)) stdin.write(Buffer.alloc(16_384));
    await settle();
    expect(paused()).toEqual([true, true, true, true]);
    remote.agent.startAcknowledging();
    await settle();
    expect(paused()).toEqual([false, false, false, false]);
    for (const id of [1, 2, 3, 4]) await complete(id, id);
    const results = await Promise.all(runs.map(({ ended }) => ended));
    expect(results.map(({ status }) => status)).toEqual([1, 2, 3, 4]);
  });
});

describe('a command that is stopped', () => {
  it('ends at once while the session is being opened', async () => {
    const abort = new AbortController();
    const run = new Run({ signal: abort.signal });
    await settle();
    abort.abort();
    expect(await run.ended).toMatchObject({
      wasStopped: true,
      exitCode: 143,
      sessionId: undefined,
    });
  });

  it('gets SIGTERM at its time limit, SIGKILL later, and ends once all its processes are gone', async () => {
    const run = new Run({ timeoutMs: 1_000, killAfterMs: 500 });
    await ready();
    say('p1 41 40');
    await settle();
    await remote.clock.advance(1_000);
    await settle();
    expect(remote.agent.input).toMatch(/ KTERM 41\n$/);
    say('x1 143', 'e21', 'e11');
    await settle();
    expect(remote.agent.input).toMatch(/ E41\n$/);
    await remote.clock.advance(500);
    await settle();
    expect(remote.agent.input).toMatch(/ KKILL 41\n$/);
    say('k41');
    expect(await run.ended).toEqual({ ...SEEN, wasStopped: true, status: 143, exitCode: 124 });
  });

  it('receives a signal that does not end it, and a second stop as SIGKILL', async () => {
    const run = session.start(['job'], { stdout: new BufferStream(), stderr: new BufferStream() });
    await ready();
    say('p1 41 40');
    await settle();
    run.signal('SIGUSR1');
    run.stop({ signal: 'SIGINT', exitCode: 130 });
    run.stop({ signal: 'SIGINT', exitCode: 130 });
    await settle();
    expect(remote.agent.input.match(/ K\w+ 41\n/g)).toEqual([
      ' KUSR1 41\n',
      ' KINT 41\n',
      ' KKILL 41\n',
    ]);
    say('x1 137', 'e21', 'e11', 'k41');
    expect((await run.ended).exitCode).toBe(130);
  });
});
