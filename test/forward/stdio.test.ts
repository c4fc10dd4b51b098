import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { runStdio } from '#forward/stdio.ts';
import { encodeSmuxData, encodeSmuxSignal } from '#protocol/smux/smux-frame.ts';
import { FakeRemote, LINK, readyTarget } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let remote: FakeRemote;
let signals: FakeSignals;
let stdin: PassThrough;
let stdout: PassThrough;
let outcome: number | Error | undefined;

beforeEach(async () => {
  remote = new FakeRemote();
  remote.onOpen = (agent) => setImmediate(() => agent.openPort());
  signals = new FakeSignals();
  stdin = new PassThrough();
  stdout = new PassThrough();
  outcome = undefined;
  const { clock, ports } = remote;
  runStdio(
    { ...ports, signals },
    {
      target: readyTarget(),
      forwards: [],
      addresses: [],
      flags: {},
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
      link: LINK,
      onNotice: () => undefined,
      onDebug: () => undefined,
      onReady: () => undefined,
    },
    { destination: { host: undefined, port: 22 }, stdin, stdout },
  ).then(
    (status) => {
      outcome = status;
    },
    (error: Error) => {
      outcome = error;
    },
  );
  await rest();
});

async function rest(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await settle();
}

function answer(data: string): void {
  remote.agent.output(Buffer.concat(encodeSmuxData(3, Buffer.from(data))));
}

describe('a port on stdin and stdout', () => {
  it('carries data both ways until the remote side closes', async () => {
    stdin.write('hello');
    await rest();
    expect(remote.agent.input).toContain('hello');
    answer('world');
    remote.agent.output(encodeSmuxSignal('fin', 3));
    await rest();
    expect(outcome).toBe(0);
    expect(`${stdout.read()}`).toBe('world');
    expect(remote.terminated).toEqual(['port-session-1']);
    expect(remote.clock.timers).toEqual([]);
  });

  it('fails if the port refuses the connection', async () => {
    remote.agent.flag(3);
    remote.agent.output(encodeSmuxSignal('fin', 3));
    await rest();
    expect(outcome).toBeInstanceOf(EcshError);
    expect(outcome).toMatchObject({ code: 'connection-refused', exitCode: 255 });
  });

  it('fails if its session ends early', async () => {
    answer('half');
    remote.agent.close();
    await rest();
    expect(outcome).toMatchObject({ exitCode: 255 });
  });

  it.each([
    ['SIGHUP', 129],
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'exits silently on %s, because ssh ends its ProxyCommand that way',
    async (signal, status) => {
      answer('some');
      signals.send(signal);
      await rest();
      expect(outcome).toBe(status);
      expect(remote.terminated).toEqual(['port-session-1']);
    },
  );

  it('exits with 141 if our stdout is closed', async () => {
    stdout.destroy();
    await rest();
    expect(outcome).toBe(141);
  });
});
