import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { tooManyOpenFiles } from '#domain/errors/too-many-open-files.ts';
import type { KmsApi } from '#domain/ports/session-ports.ts';
import { RemoteSession } from '#session/remote-session.ts';
import { Cancellation } from '#session/stop.ts';
import { FakeRemote, LINK, notConnected, readyTarget, SESSION } from '#test/fakes/fake-remote.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let remote: FakeRemote;
let cancellation: Cancellation;

const ignore = () => undefined;
const listener = {
  onOutput: ignore,
  onInputReady: ignore,
  onInputDrained: ignore,
  onNotice: ignore,
  onDebug: ignore,
};

beforeEach(() => {
  remote = new FakeRemote();
  cancellation = new Cancellation();
});

function start(waitMs = 0, link = LINK): Promise<RemoteSession> {
  const { clock } = remote;
  const retryPolicy = { clock, waitMs, retries: 0, onWait: ignore };
  const command = {
    target: readyTarget(),
    argv: ['echo', 'a b'],
    size: { cols: 80, rows: 24 },
    cancellation,
    retryPolicy,
    link,
  };
  return RemoteSession.start(remote.ports, command, listener);
}

describe('starting a session', () => {
  it('asks ECS for it and connects with what ECS answers (O-1)', async () => {
    const session = await start();
    expect(session.id).toBe(SESSION.sessionId);
    expect(remote.requests).toEqual([
      {
        cluster: 'prod',
        task: 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8',
        container: 'app',
        command: "echo 'a b'",
        taskStartedAt: new Date('2026-03-01T14:40:00Z'),
        service: 'web',
      },
    ]);
    expect(remote.transport.url).toBe(SESSION.streamUrl);
    expect(remote.transport.texts[0]).toContain('"TokenValue":"the-token"');
    expect(remote.terminated).toEqual([]);
  });

  it('loads what it is opened with while ECS is asked', async () => {
    const requestsWhenLoaded: number[] = [];
    const prepareSession = () => requestsWhenLoaded.push(remote.requests.length);
    remote.ports = { ...remote.ports, prepareSession };
    await start();
    expect(requestsWhenLoaded).toEqual([1]);
  });

  it('is not asked for where this process has no room for it', async () => {
    const requireDescriptors = () => {
      throw tooManyOpenFiles(undefined);
    };
    remote.ports = { ...remote.ports, requireDescriptors };
    await expect(start()).rejects.toMatchObject({ code: 'too-many-open-files' });
    expect(remote.requests).toEqual([]);
  });

  it('has the way to KMS before it connects, where the cluster has a key (S-3)', async () => {
    let provide: (kms: KmsApi) => void = ignore;
    remote.ports = {
      ...remote.ports,
      kms: () => new Promise<KmsApi>((resolve) => (provide = resolve)),
    };
    const starting = start(0, { ...LINK, clusterKeyId: 'the-key' });
    await settle();
    expect([remote.requests.length, remote.agents.length]).toEqual([1, 0]);
    provide({ generateDataKey: () => Promise.reject(new Error('not asked')) });
    await starting;
    expect(remote.agents).toHaveLength(1);
  });

  it('leaves it to the handshake to say why there is none (S-3)', async () => {
    const session = await start(0, { ...LINK, clusterKeyId: 'the-key' });
    expect(session.id).toBe(SESSION.sessionId);
  });

  it('tries three times more while a young agent is not connected (O-2)', async () => {
    remote.failures.push(...Array.from({ length: 4 }, notConnected));
    const failed = expect(start()).rejects.toMatchObject({ code: 'target-not-connected' });
    await remote.clock.advance(60_000);
    await failed;
    expect(remote.requests).toHaveLength(4);
  });

  it('tries for as long as --wait says, if that is longer', async () => {
    remote.failures.push(...Array.from({ length: 6 }, notConnected));
    const starting = start(60_000);
    await remote.clock.advance(60_000);
    expect((await starting).id).toBe(SESSION.sessionId);
    expect(remote.requests).toHaveLength(7);
  });

  it('tries no more when it is given up', async () => {
    remote.failures.push(...Array.from({ length: 9 }, notConnected));
    const failed = expect(start(60_000)).rejects.toMatchObject({ code: 'target-not-connected' });
    await remote.clock.advance(1_500);
    cancellation.cancel();
    await failed;
    expect(remote.requests).toHaveLength(2);
    expect(remote.clock.timers).toEqual([]);
  });

  it('asks for none when it is given up before', async () => {
    cancellation.cancel();
    await expect(start()).rejects.toMatchObject({ code: 'interrupted' });
    expect(remote.requests).toEqual([]);
  });

  it('fails at once for any other reason, and ends nothing', async () => {
    remote.failures.push(new EcshError('access-denied', 'No.'));
    await expect(start()).rejects.toMatchObject({ code: 'access-denied' });
    expect(remote.terminated).toEqual([]);
  });

  it('ends the session when its websocket cannot be opened (O-4)', async () => {
    remote.openFailure = new EcshError('channel-refused', 'HTTP status 403.');
    await expect(start()).rejects.toMatchObject({ code: 'channel-refused' });
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect(remote.clock.timers).toEqual([]);
  });
});

describe('giving up a session that ECS is asked for', () => {
  let answer: () => void;
  let outcome: unknown;

  beforeEach(async () => {
    outcome = undefined;
    remote.beforeStart = () => new Promise((resolve) => (answer = resolve));
    start().catch((error: EcshError) => {
      outcome = error.code;
    });
    await settle();
    cancellation.cancel();
  });

  it('waits for the answer, and ends what was begun', async () => {
    await remote.clock.advance(2_900);
    expect(outcome).toBeUndefined();
    answer();
    await settle();
    expect(outcome).toBe('interrupted');
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect([...remote.guarded]).toEqual([]);
    expect(remote.agents).toEqual([]);
    expect(remote.clock.timers).toEqual([]);
  });

  it('waits no longer than three seconds', async () => {
    await remote.clock.advance(3_000);
    expect(outcome).toBe('interrupted');
    expect(remote.clock.timers).toEqual([]);
  });

  it('waits for nothing when asked again', async () => {
    cancellation.cancelOrForce();
    await settle();
    expect(outcome).toBe('interrupted');
    expect(remote.clock.timers).toEqual([]);
  });

  it('ends one whose answer comes later, while the process lasts', async () => {
    await remote.clock.advance(3_000);
    answer();
    await settle();
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });
});

describe('terminating a session', () => {
  it('lets go of the connection after the service has heard (S-21)', async () => {
    const session = await start();
    remote.termination = async () => {
      expect(remote.transport.isClosed).toBe(false);
    };
    await session.terminate();
    expect(remote.terminated).toEqual([SESSION.sessionId]);
    expect(remote.transport.isClosed).toBe(true);
    expect(remote.clock.timers).toEqual([]);
  });

  it('takes no more than 3 s', async () => {
    const session = await start();
    remote.agent.output('$ ');
    await settle();
    remote.termination = () => new Promise(ignore);
    let isOver = false;
    const ending = session.terminate().then(() => {
      isOver = true;
    });
    await remote.clock.advance(2_999);
    expect(isOver).toBe(false);
    await remote.clock.advance(1);
    await ending;
    expect(remote.transport.isClosed).toBe(true);
  });

  it('takes no time when the user insists, and leaves it to the guard', async () => {
    const session = await start();
    remote.termination = () => new Promise(ignore);
    const ending = session.terminate();
    cancellation.cancelOrForce();
    cancellation.cancelOrForce();
    await ending;
    expect(remote.transport.isClosed).toBe(true);
    expect(remote.clock.timers).toEqual([]);
    expect([...remote.guarded]).toEqual([SESSION.sessionId]);
  });

  it('keeps a failure to itself: the session may be gone', async () => {
    const session = await start();
    remote.termination = () => Promise.reject(new Error('not found'));
    await session.terminate();
    expect(remote.transport.isClosed).toBe(true);
  });
});

describe('the guard of sessions', () => {
  it('knows of a session before there is a connection to it', async () => {
    remote.openFailure = new EcshError('channel-refused', 'HTTP status 403.');
    let ended: () => void = ignore;
    remote.termination = () => new Promise((resolve) => (ended = resolve));
    const failed = expect(start()).rejects.toMatchObject({ code: 'channel-refused' });
    await settle();
    expect([...remote.guarded]).toEqual([SESSION.sessionId]);
    ended();
    await failed;
    expect([...remote.guarded]).toEqual([]);
  });

  it('forgets a session that the service says has ended', async () => {
    const session = await start();
    expect([...remote.guarded]).toEqual([SESSION.sessionId]);
    remote.agent.close();
    await session.connection.ended;
    await settle();
    expect([...remote.guarded]).toEqual([]);
  });

  it('keeps one whose connection is lost until it has been terminated', async () => {
    const session = await start();
    session.connection.close();
    await session.connection.ended;
    await settle();
    expect([...remote.guarded]).toEqual([SESSION.sessionId]);
    await session.terminate();
    expect([...remote.guarded]).toEqual([]);
  });

  it('is told of no session where ECS refuses one', async () => {
    remote.failures.push(new EcshError('access-denied', 'No.'));
    await expect(start()).rejects.toMatchObject({ code: 'access-denied' });
    expect([...remote.guarded]).toEqual([]);
  });
});
