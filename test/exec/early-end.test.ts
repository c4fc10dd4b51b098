import { expect, it } from 'vitest';
import { watchEarlyEnd } from '#exec/early-end.ts';
import type { StopReason } from '#exec/remote-stop.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

it('stops for a signal (T-2) with 128 + n, for time with 124, until it is forgotten', async () => {
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
    ['SIGTERM', 124],
  ]);
  forget();
  expect([signals.handled, clock.timers]).toEqual([[], []]);
});
