import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { parseForward } from '#domain/port-forward.ts';
import type { Task } from '#domain/resolve/task.ts';
import { runForward } from '#forward/forward.ts';
import type { ForwardOptions, OpenForward } from '#forward/forward-options.ts';
import { encodeSmuxData, encodeSmuxSignal, SmuxDecoder } from '#protocol/smux/smux-frame.ts';
import type { FakeAgent } from '#test/fakes/fake-agent.ts';
import { FakeMachine } from '#test/fakes/fake-local.ts';
import { FakeRemote, LINK, notConnected, readyTarget } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const MINUTE = 60_000;
const TASK = sampleTask('0f9de17a6465404e8b1b2356dc13c2f8');
const MEBIBYTE = 1024 * 1024;

let tasks: Task[];
let remote: FakeRemote;
let machine: FakeMachine;
let signals: FakeSignals;
let notices: string[];
let ready: (readonly OpenForward[])[];
let outcome: number | Error | undefined;

beforeEach(() => {
  tasks = [TASK];
  remote = new FakeRemote(tasks);
  remote.onOpen = (agent) => setImmediate(() => agent.openPort());
  machine = new FakeMachine();
  signals = new FakeSignals();
  notices = [];
  ready = [];
  outcome = undefined;
});

/** Starts a forward, and waits until nothing more happens by itself. */
async function start(
  forwards: readonly string[],
  changes: Partial<ForwardOptions> = {},
): Promise<void> {
  const { clock, ports } = remote;
  runForward(
    { ...ports, signals, listen: machine.listen },
    {
      target: readyTarget(TASK),
      forwards: forwards.map(parseForward),
      addresses: ['127.0.0.1', '::1'],
      flags: {},
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
      link: LINK,
      onNotice: (text) => notices.push(text),
      onDebug: () => undefined,
      onReady: (open) => ready.push(open),
      ...changes,
    },
  ).then(
    (status) => {
      outcome = status;
    },
    (error: Error) => {
      outcome = error;
    },
  );
  await rest();
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await settle();
}

/** The smux frames that an agent received, except keepalives. */
function framesAt(agent: FakeAgent): readonly string[] {
  const parts = [...new SmuxDecoder().read(Buffer.from(agent.input, 'latin1'))];
  return parts
    .filter(({ command }) => command !== 'nop')
    .map((part) =>
      part.command === 'psh'
        ? `psh ${part.streamId} ${Buffer.from(part.data)}`
        : `${part.command} ${part.streamId}`,
    );
}

function answer(agent: FakeAgent, streamId: number, data: string | Uint8Array): void {
  agent.output(Buffer.concat(encodeSmuxData(streamId, Buffer.from(data))));
}

function closeAt(agent: FakeAgent, streamId: number): void {
  agent.output(encodeSmuxSignal('fin', streamId));
}

function errorOf(): { code: string; message: string } | undefined {
  return outcome instanceof EcshError
    ? { code: outcome.code, message: outcome.message }
    : undefined;
}

describe('starting', () => {
  it('listens, opens a session for each remote port, and reports the forwards', async () => {
    await start(['8080:80', ':80', '5432:db.internal:5432']);
    expect(machine.requests).toEqual([
      { addresses: ['127.0.0.1', '::1'], port: 8080 },
      { addresses: ['127.0.0.1', '::1'], port: 0 },
      { addresses: ['127.0.0.1', '::1'], port: 5432 },
    ]);
    const task = {
      targetId: 'ecs:prod_0f9de17a6465404e8b1b2356dc13c2f8_runtime-of-app',
      cluster: 'prod',
      task: TASK.taskArn,
      service: 'web',
      taskStartedAt: TASK.startedAt,
    };
    expect(remote.portRequests).toEqual([
      { ...task, host: undefined, port: 80 },
      { ...task, host: 'db.internal', port: 5432 },
    ]);
    const addresses = ['127.0.0.1', '::1'];
    const web = { addresses, host: undefined, port: 80, sessionId: 'port-session-1' };
    const db = { addresses, host: 'db.internal', port: 5432, sessionId: 'port-session-2' };
    expect(ready).toEqual([
      [
        { ...web, localPort: 8080 },
        { ...web, localPort: 40_001 },
        { ...db, localPort: 5432 },
      ],
    ]);
    expect(remote.guarded).toEqual(new Set(['port-session-1', 'port-session-2']));
  });

  it('opens no session if a local port is in use', async () => {
    machine = new FakeMachine([9000]);
    await start(['8080:80', '9000']);
    expect(errorOf()?.code).toBe('port-in-use');
    expect(remote.portRequests).toEqual([]);
    expect(machine.openPorts).toEqual([]);
  });

  it('waits for an agent that is not connected yet', async () => {
    remote.failures.push(notConnected());
    await start(['80']);
    expect(ready).toEqual([]);
    await remote.clock.advance(1_000);
    await rest();
    expect(ready).toHaveLength(1);
  });

  it('ends the other sessions if one cannot be opened', async () => {
    remote.failures.push(new EcshError('access-denied', 'Not you.'));
    await start(['80', '81']);
    expect(errorOf()?.code).toBe('access-denied');
    expect(remote.guarded).toEqual(new Set());
    expect(machine.openPorts).toEqual([]);
    expect(remote.clock.timers).toEqual([]);
    expect(signals.handled).toEqual([]);
  });

  it('reports a forbidden destination before it is ready', async () => {
    remote.onOpen = (agent) =>
      setImmediate(() => {
        agent.stopAcknowledging();
        agent.openPort();
        agent.close('Forwarding to IP address 10.0.0.2 is forbidden.');
      });
    await start(['10.0.0.2:53']);
    expect(errorOf()).toEqual({
      code: 'destination-forbidden',
      message: 'The agent forwards nothing to 10.0.0.2.',
    });
    expect(ready).toEqual([]);
  });

  it('times out if the agent starts no session', async () => {
    remote.onOpen = () => undefined;
    await start(['80', '81']);
    await remote.clock.advance(10_000);
    expect(notices).toEqual([
      'The session is open but silent. The container may have as many sessions as its limit allows.',
    ]);
    await remote.clock.advance(50_000);
    expect(errorOf()?.code).toBe('session-silent');
    expect(remote.terminated).toEqual(['port-session-1', 'port-session-2']);
    expect(remote.clock.timers).toEqual([]);
  });

  describe('an agent that starts sessions for only some ports', () => {
    beforeEach(() => {
      remote.onOpen = (agent) => {
        if (remote.agents.length <= 2) setImmediate(() => agent.openPort());
      };
    });

    it('is reported soon, with a hint', async () => {
      await start(['80', '81', '82']);
      expect(notices).toEqual([]);
      await remote.clock.advance(10_000);
      expect(outcome).toMatchObject({
        code: 'session-silent',
        message:
          'The agent has started a session to 80 and 81, but none to 82: the container has reached its limit.',
        hint: expect.stringContaining('Forward fewer ports'),
      });
      expect(remote.terminated).toHaveLength(3);
      expect(remote.clock.timers).toEqual([]);
    });

    it.each([
      ['EC2', ['80', '81', '82'], 1],
      ['EXTERNAL', ['80', '81', '82'], 1],
      ['EC2', ['80', '8080:80', '81'], 0],
      ['FARGATE', ['80', '81', '82'], 0],
    ])('is announced before it happens, on %s with %j', async (launchType, forwards, times) => {
      await start(forwards, { target: readyTarget({ ...TASK, launchType }) });
      expect(notices).toEqual(
        Array(times).fill(
          'Each remote port takes a session, 3 in all. A container on an instance usually allows 2.',
        ),
      );
    });

    it('is given more time if another user may have taken the free session', async () => {
      await start(['80', '81']);
      await remote.clock.advance(MINUTE);
      remote.agents[0]?.close();
      await rest();
      machine.connect(80);
      await rest();
      await remote.clock.advance(10_000);
      expect(outcome).toBeUndefined();
      expect(notices.at(-1)).toContain('silent');
    });
  });

  it('rejects an agent that is too old', async () => {
    remote.onOpen = (agent) =>
      setImmediate(() => agent.requestHandshake('SessionType', { SessionType: 'Port' }));
    await start(['80']);
    expect(errorOf()).toEqual({
      code: 'session-failed',
      message: 'The session failed: the agent does not forward ports but "undefined".',
    });
    expect(remote.terminated).toEqual(['port-session-1']);
  });

  it('can be canceled', async () => {
    remote.onOpen = () => undefined;
    await start(['80']);
    signals.send('SIGINT');
    await rest();
    expect(outcome).toBe(130);
    expect(remote.terminated).toEqual(['port-session-1']);
    expect(remote.clock.timers).toEqual([]);
  });
});

it('accepts many ports without a Node.js warning', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  await start(Array.from({ length: 12 }, (_, index) => String(8000 + index)));
  process.off('warning', note);
  expect(ready.flat()).toHaveLength(12);
  expect(warnings).toEqual([]);
});

describe('connections', () => {
  it('use one stream each, and end when the remote side ends them', async () => {
    await start(['80']);
    const [one, two] = [machine.connect(80), machine.connect(80)];
    one.send('hello');
    two.send('world');
    await rest();
    expect(framesAt(remote.agent)).toEqual(['syn 3', 'syn 5', 'psh 3 hello', 'psh 5 world']);
    answer(remote.agent, 5, 'WORLD');
    answer(remote.agent, 3, 'HELLO');
    closeAt(remote.agent, 3);
    expect([one.log, two.log]).toEqual([['data HELLO', 'end'], ['data WORLD']]);
    one.disappear();
    two.disappear();
    await rest();
    expect(framesAt(remote.agent).slice(4)).toEqual(['fin 3', 'fin 5']);
  });

  it('that arrive before the session is open are accepted afterwards', async () => {
    remote.onOpen = () => undefined;
    await start(['80']);
    const early = machine.connect(80);
    early.send('hello');
    remote.agent.openPort();
    await rest();
    expect(framesAt(remote.agent)).toEqual(['syn 3', 'psh 3 hello']);
  });

  it('that arrive while other local ports are being opened do not start another session', async () => {
    const started = start(['80', '81']);
    machine.connect(80).send('hello');
    await started;
    expect(remote.portRequests).toHaveLength(2);
    expect(framesAt(remote.agents[0] ?? remote.agent)).toEqual(['syn 3', 'psh 3 hello']);
  });

  it('to several local ports reach the right remote port', async () => {
    await start(['80', '81']);
    const connection = machine.connect(81);
    connection.send('x');
    await rest();
    expect(remote.agents.map(framesAt)).toEqual([[], ['syn 3', 'psh 3 x']]);
  });

  it('that the container refuses are reset, and reported once', async () => {
    await start(['8080:80']);
    const refused = [machine.connect(8080), machine.connect(8080)];
    for (const streamId of [3, 5]) {
      remote.agent.flag(3);
      closeAt(remote.agent, streamId);
    }
    expect(refused.map(({ log }) => log)).toEqual([['reset'], ['reset']]);
    const notice =
      'The agent cannot connect to port 80 in the container: nothing listens there, or it cannot be reached.';
    expect(notices).toEqual([notice]);
    const served = machine.connect(8080);
    answer(remote.agent, 7, 'x');
    closeAt(remote.agent, 7);
    expect(served.log).toEqual(['data x', 'end']);
    await remote.clock.advance(1_000);
    machine.connect(8080);
    remote.agent.flag(3);
    expect(notices).toEqual([notice, notice]);
  });

  it('are independent', async () => {
    await start(['80']);
    const [dropped, kept] = [machine.connect(80), machine.connect(80)];
    dropped.disappear();
    answer(remote.agent, 3, 'late');
    answer(remote.agent, 5, 'x');
    expect([dropped.log, kept.log]).toEqual([[], ['data x']]);
  });

  it('are read in turn, and only while the session has room', async () => {
    await start(['80']);
    remote.agent.stopAcknowledging();
    const [bulk, small] = [machine.connect(80), machine.connect(80)];
    const load = 'x'.repeat(200_000);
    bulk.send(load);
    small.send('small');
    bulk.send('more');
    bulk.send('and more');
    await rest();
    expect(remote.agent.input).not.toContain('small');
    const { transport } = remote;
    for (let index = 0; index < transport.messages.length; index++) {
      const message = transport.messages[index];
      if (message?.messageType === 'input_stream_data') remote.agent.acknowledge(message);
    }
    await rest();
    expect(framesAt(remote.agent).filter((line) => !line.includes('xxx'))).toEqual([
      'syn 3',
      'syn 5',
      'psh 5 small',
      'psh 3 moreand more',
    ]);
  });

  it('that are not read pause the session at 4 MiB, and not before', async () => {
    await start(['80']);
    const slow = machine.connect(80);
    slow.isReading = false;
    answer(remote.agent, 3, new Uint8Array(4 * MEBIBYTE - 1));
    expect(remote.transport.log).not.toContain('pause');
    answer(remote.agent, 3, 'x');
    expect(remote.transport.log).toContain('pause');
    expect(remote.transport.log).not.toContain('resume');
    slow.catchUp();
    expect(remote.transport.log).toContain('resume');
  });

  it('that are dropped unread resume the session', async () => {
    await start(['80']);
    const slow = machine.connect(80);
    slow.isReading = false;
    answer(remote.agent, 3, new Uint8Array(4 * MEBIBYTE));
    slow.disappear();
    expect(remote.transport.log).toContain('resume');
  });
});

describe('the end', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('on %s closes sessions and connections: status %i', async (signal, status) => {
    await start(['80', '81']);
    const connection = machine.connect(80);
    signals.send(signal);
    await rest();
    expect(outcome).toBe(status);
    expect(connection.log).toEqual(['reset']);
    // The flag also works for a caller without permission for TerminateSession.
    expect(remote.agents.map(({ flags }) => flags)).toEqual([[2], [2]]);
    expect(remote.terminated).toEqual(['port-session-1', 'port-session-2']);
    expect(remote.guarded).toEqual(new Set());
    expect(machine.openPorts).toEqual([]);
    expect(signals.handled).toEqual([]);
    expect(remote.clock.timers).toEqual([]);
  });

  it('on data that is not smux is a failure', async () => {
    await start(['80']);
    const connection = machine.connect(80);
    remote.agent.output('HTTP/1.1');
    await rest();
    expect(connection.log).toEqual(['reset']);
    expect(errorOf()).toEqual({
      code: 'session-failed',
      message: 'The agent sent data that ecsh cannot read: smux version 72.',
    });
    expect(remote.terminated).toEqual(['port-session-1']);
  });
});

describe('a session that ends unexpectedly', () => {
  const IDLE = 'Your session timed out due to inactivity and has been terminated.';

  it('resets its connections, and the next connection opens another session', async () => {
    await start(['80']);
    const [first] = remote.agents;
    const connection = machine.connect(80);
    await remote.clock.advance(20 * MINUTE);
    first?.close(IDLE);
    await rest();
    expect(connection.log).toEqual(['reset']);
    expect(notices).toEqual([
      'The session was ended: nothing was sent or received for 20 minutes. The next connection to 80 opens another one.',
    ]);
    expect(remote.portRequests).toHaveLength(1);
    machine.connect(80).send('again');
    await rest();
    expect(remote.portRequests).toHaveLength(2);
    expect(framesAt(remote.agent)).toEqual(['syn 3', 'psh 3 again']);
    expect(outcome).toBeUndefined();
    signals.send('SIGINT');
    await rest();
    expect(outcome).toBe(130);
    expect(remote.guarded).toEqual(new Set());
  });

  it('leaves no new session behind if the forward ends while it is being opened', async () => {
    await start(['80']);
    await remote.clock.advance(MINUTE);
    remote.agent.close();
    await rest();
    let answer = () => {};
    remote.beforeStart = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    machine.connect(80);
    await rest();
    signals.send('SIGINT');
    await rest();
    expect(outcome).toBeUndefined();
    answer();
    await rest();
    expect(outcome).toBe(130);
    expect(remote.terminated).toEqual(['port-session-1', 'port-session-2']);
    expect(remote.guarded).toEqual(new Set());
  });

  it('is replaced if its worker died', async () => {
    await start(['80']);
    await remote.clock.advance(MINUTE);
    remote.agent.close('document process failed unexpectedly: signal: killed');
    await rest();
    expect(outcome).toBeUndefined();
    machine.connect(80).send('again');
    await rest();
    expect(framesAt(remote.agent)).toEqual(['syn 3', 'psh 3 again']);
  });

  it('ends the forward if its task has stopped', async () => {
    await start(['80']);
    await remote.clock.advance(MINUTE);
    tasks.splice(0, 1, { ...TASK, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
    remote.agent.close();
    await rest();
    expect(errorOf()?.code).toBe('task-not-running');
    expect(machine.openPorts).toEqual([]);
  });

  it('ends the forward if no other session can be opened', async () => {
    await start(['80']);
    await remote.clock.advance(MINUTE);
    remote.agent.close();
    await rest();
    remote.failures.push(new EcshError('session-limit', 'No room.'));
    const connection = machine.connect(80);
    await rest();
    expect(errorOf()?.code).toBe('session-limit');
    expect(connection.log).toEqual(['reset']);
  });

  it('ends the forward soon after its start, because the next one would not last longer', async () => {
    await start(['80']);
    await remote.clock.advance(5_000);
    remote.agent.close();
    await rest();
    expect(errorOf()).toEqual({
      code: 'session-ended',
      message: 'The session was ended from outside.',
    });
  });

  it('ends the forward for a permanent reason', async () => {
    await start(['80']);
    await remote.clock.advance(MINUTE);
    remote.agent.close('Plugin with name Port not found. Step name: Port');
    await rest();
    expect(errorOf()?.code).toBe('agent-cannot-write');
  });

  it('is reported with the reason if its connection cannot be resumed', async () => {
    await start(['80']);
    await remote.clock.advance(MINUTE);
    remote.transport.lose('gone');
    await rest();
    expect(notices).toEqual([
      'The session ended while the connection was lost. The next connection to 80 opens another one.',
    ]);
  });
});

describe('with a command', () => {
  it('ends with the command and its status', async () => {
    let end: (status: number) => void = () => undefined;
    const given: (readonly OpenForward[])[] = [];
    const run: ForwardOptions['run'] = (open) => {
      given.push(open);
      return new Promise((resolve) => {
        end = resolve;
      });
    };
    await start([':80'], { run });
    expect(given.flat().map(({ localPort }) => localPort)).toEqual([40_001]);
    const connection = machine.connect(40_001);
    connection.send('last words');
    connection.sendEnd();
    end(7);
    await remote.clock.advance(50);
    await rest();
    expect(outcome).toBe(7);
    // The last data arrives.
    expect(framesAt(remote.agent)).toEqual(['syn 3', 'psh 3 last words', 'fin 3']);
    expect(remote.terminated).toEqual(['port-session-1']);
    expect(remote.clock.timers).toEqual([]);
  });

  it('does not wait for the last data on a signal', async () => {
    await start([':80'], { run: async () => 7 });
    expect(outcome).toBeUndefined();
    signals.send('SIGINT');
    await rest();
    expect(outcome).toBe(130);
    expect(remote.terminated).toEqual(['port-session-1']);
  });

  it('leaves Ctrl-C to the command, and ends it on other signals', async () => {
    const run: ForwardOptions['run'] = (_open, abort) =>
      new Promise((resolve) => abort.addEventListener('abort', () => resolve(143)));
    await start(['80'], { run });
    signals.send('SIGINT');
    await rest();
    expect(outcome).toBeUndefined();
    signals.send('SIGTERM');
    await rest();
    expect(outcome).toBe(143);
  });

  it('ends the command if no session is left', async () => {
    const run: ForwardOptions['run'] = (_open, abort) =>
      new Promise((resolve) => abort.addEventListener('abort', () => resolve(0)));
    await start(['80'], { run });
    remote.agent.close();
    await rest();
    expect(errorOf()?.code).toBe('session-ended');
  });
});

describe('a signal during StartSession', () => {
  it('gives up after three seconds, and at once on the second signal', async () => {
    remote.beforeStart = () => new Promise(() => undefined);
    await start(['80', '81']);
    signals.send('SIGINT');
    await remote.clock.advance(2_900);
    expect(outcome).toBeUndefined();
    signals.send('SIGINT');
    await rest();
    expect(outcome).toBe(130);
    expect(notices).toEqual([expect.stringContaining('whether a session has begun')]);
    expect(remote.clock.timers).toEqual([]);
  });
});
