import { beforeEach, describe, expect, it } from 'vitest';
import { type BareOptions, runBare } from '#exec/bare.ts';
import { FakeRemote, LINK, notConnected, readyTarget, SESSION } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { BufferStream, SlowStream } from '#test/fakes/fake-streams.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let remote: FakeRemote;
let signals: FakeSignals;
let notices: string[];
let stdout: BufferStream;

beforeEach(() => {
  remote = new FakeRemote();
  signals = new FakeSignals();
  stdout = new BufferStream();
  notices = [];
});

interface Running {
  readonly result: Promise<number>;
  readonly outcome: () => number | Error | undefined;
}

/** Runs until it waits for a timer. */
async function start(changes: Partial<BareOptions> = {}): Promise<Running> {
  const { clock } = remote;
  const result = runBare(
    { ...remote.ports, signals },
    {
      target: readyTarget(),
      argv: ['/app', '--check'],
      stdout,
      timeoutMs: undefined,
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
      link: LINK,
      onNotice: (text) => notices.push(text),
      onDebug: () => undefined,
      ...changes,
    },
  );
  let outcome: number | Error | undefined;
  const note = (value: number | Error) => {
    outcome = value;
  };
  result.then(note, note);
  await settle();
  await settle();
  return { result, outcome: () => outcome };
}

/** A stream host that accepts connections and sends nothing, until ecsh gives up. */
function openNever(): void {
  remote.ports = {
    ...remote.ports,
    openTransport: (_url, _listener, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')));
      }),
  };
}

describe('runBare', () => {
  it('runs the arguments unchanged', async () => {
    await start();
    expect(remote.requests.map(({ command }) => command)).toEqual(['/app --check']);
  });

  it('converts the line endings of the output, and exits with 255 because the status is unknown', async () => {
    const { result } = await start();
    remote.agent.output('one\r\ntwo\r\n');
    remote.agent.close();
    await expect(result).rejects.toMatchObject({ code: 'status-unknown', exitCode: 255 });
    expect(stdout.text).toBe('one\ntwo\n');
    expect(remote.terminated).toEqual([]);
    expect(signals.handled).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends the session at %s (T-2)', async (signal, status) => {
    const { result } = await start();
    remote.agent.output('one\r\n');
    signals.send(signal);
    expect(await result).toBe(status);
    expect(stdout.text).toBe('one\n');
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('ends the session at the time limit', async () => {
    const { result } = await start({ timeoutMs: 2_000 });
    await remote.clock.advance(2_000);
    expect(await result).toBe(124);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('ends the session when the reader of stdout has gone', async () => {
    const slow = new SlowStream(1);
    const { result } = await start({ stdout: slow });
    remote.agent.output('y');
    await settle();
    slow.break();
    expect(await result).toBe(141);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });
});

describe('runBare while it connects', () => {
  it('ends itself and the session at once on a signal', async () => {
    openNever();
    const { result } = await start();
    signals.send('SIGINT');
    expect(await result).toBe(130);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect(signals.handled).toEqual([]);
  });

  it('ends at the time limit', async () => {
    openNever();
    const { outcome } = await start({ timeoutMs: 2_000 });
    await remote.clock.advance(2_000);
    expect(outcome()).toBe(124);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('stops waiting for an agent when it has to end', async () => {
    remote.failures.push(notConnected());
    const { outcome } = await start();
    signals.send('SIGTERM');
    await settle();
    expect(outcome()).toBe(143);
    expect(remote.requests).toHaveLength(1);
  });
});

describe('runBare while it waits for the session from ECS', () => {
  it.each([
    ['after three seconds', 3_000, 1],
    ['at once at the second signal', 0, 2],
  ])('gives up %s', async (_when, milliseconds, times) => {
    remote.beforeStart = () => new Promise(() => undefined);
    const { outcome } = await start();
    for (let time = 0; time < times; time++) signals.send('SIGTERM');
    await remote.clock.advance(milliseconds);
    expect(outcome()).toBe(143);
    expect(notices).toEqual([expect.stringContaining('whether a session has begun')]);
    expect(remote.clock.timers).toEqual([]);
  });
});
