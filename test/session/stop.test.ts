import { expect, it } from 'vitest';
import type { StopReason } from '#session/stop.ts';
import { watchEarlyEnd } from '#session/stop.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

it('stops for a signal (T-2) with 128 + n, until it is forgotten; the time limit adds nothing', async () => {
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

it('stops for the time limit with 124, and for a signal after it', async () => {
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
