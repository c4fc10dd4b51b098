import { expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { runForward } from '#forward/forward.ts';
import type { Tunnel } from '#forward/route.ts';
import { FakeMachine } from '#test/fakes/fake-local.ts';
import { FakeRemote, LINK, readyTarget } from '#test/fakes/fake-remote.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { sampleTask } from '#test/fakes/sample-task.ts';

const TASK = sampleTask('0f9de17a6465404e8b1b2356dc13c2f8');

/** A tunnel that opens on demand, and logs its calls. */
function lateTunnel() {
  const log: string[] = [];
  let open: () => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  const tunnel: Tunnel = {
    sessionId: undefined,
    open: async () => {
      await opened;
      log.push('open');
    },
    connect: ({ host, port }) => log.push(`connect ${host}:${port}`),
    settle: async () => undefined,
    close: async () => undefined,
  };
  return { log, tunnel, open, fail };
}

function start(tunnel: Tunnel) {
  const machine = new FakeMachine();
  const signals = new FakeSignals();
  const { clock, ports } = new FakeRemote([TASK]);
  const ended = runForward(
    { ...ports, signals, listen: machine.listen },
    {
      target: readyTarget(TASK),
      forwards: [{ localPort: 8080, host: 'db', port: 5432 }],
      addresses: ['127.0.0.1'],
      flags: {},
      retryPolicy: { clock, waitMs: 0, retries: 0, onWait: () => undefined },
      link: LINK,
      createTunnel: () => tunnel,
      usesTunnel: true,
      onNotice: () => undefined,
      onDebug: () => undefined,
      onReady: () => undefined,
    },
  ).catch((error: Error) => error);
  return { machine, signals, ended };
}

it('keeps a connection that arrives before the tunnel is open', async () => {
  const { log, tunnel, open } = lateTunnel();
  const { machine, signals, ended } = start(tunnel);
  await settle();
  const connection = machine.connect(8080);
  await settle();
  expect([log, connection.log]).toEqual([[], []]);
  open();
  await settle();
  expect(log).toEqual(['open', 'connect db:5432']);
  signals.send('SIGINT');
  expect(await ended).toBe(130);
});

it('resets such a connection if the tunnel cannot be opened', async () => {
  const { tunnel, fail } = lateTunnel();
  const { machine, ended } = start(tunnel);
  await settle();
  const connection = machine.connect(8080);
  const failure = new EcshError('session-ended', 'It ended.');
  fail(failure);
  expect(await ended).toBe(failure);
  expect(connection.log).toEqual(['reset']);
});
