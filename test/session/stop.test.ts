import { expect, it } from 'vitest';
import type { StopReason } from '#session/stop.ts';
import { watchEarlyEnd } from '#session/stop.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

it('stops on a signal with 128 + n (T-2) until it is removed; a later time limit changes nothing', async () => {
  const signals = new FakeSignals();
  const clock = new ManualClock();
  const stops: StopReason[] = [];
  const forget = watchEarlyEnd({ signals, clock }, 5_000, (reason) => stops.push(reason));
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) signals.send(signal);
  await clock.advance(5_000);
  expect(stops.map(({ signal, exitCode }) => [signal, exitCode])).toEqual([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]);
  forget();
  expect([signals.handled, clock.timers]).toEqual([[], []]);
});

it('stops on the time limit with 124, and on a later signal', async () => {
  const signals = new FakeSignals();
  const clock = new ManualClock();
  const stops: StopReason[] = [];
  const forget = watchEarlyEnd({ signals, clock }, 5_000, (reason) => stops.push(reason));
  await clock.advance(5_000);
  signals.send('SIGTERM');
  expect(stops).toEqual([
    { signal: 'SIGTERM', exitCode: 124 },
    { signal: 'SIGTERM', exitCode: 143 },
  ]);
  forget();
});
