import { describe, expect, it } from 'vitest';
import { RemoteStop } from '#exec/remote-stop.ts';
import type { StopReason } from '#session/stop.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const KILL_AFTER_MS = 5_000;
const INTERRUPT: StopReason = { signal: 'SIGINT', exitCode: 130 };
const TERMINATE: StopReason = { signal: 'SIGTERM', exitCode: 143 };

/** Events by time in milliseconds. */
type Script = readonly (readonly [number, 'start' | 'cancel' | StopReason])[];

/** Plays the script and lists the actions of the stop with their times. */
async function play(script: Script): Promise<readonly string[]> {
  const clock = new ManualClock();
  const done: string[] = [];
  let isRunning = false;
  const stop = new RemoteStop(clock, KILL_AFTER_MS, {
    signal: (name) => {
      if (isRunning) done.push(`${clock.elapsed} ${name}`);
      return isRunning;
    },
    giveUp: () => done.push(`${clock.elapsed} give up`),
  });
  for (const [at, what] of script) {
    await clock.advance(at - clock.elapsed);
    if (what === 'cancel') stop.cancel();
    else if (what !== 'start') stop.request(what);
    else {
      isRunning = true;
      stop.started();
    }
  }
  await clock.advance(60_000);
  expect(clock.timers).toEqual([]);
  return done;
}

describe('RemoteStop', () => {
  it.each<readonly [string, Script, readonly string[]]>([
    ['does nothing without a request', [[0, 'start']], []],
    [
      'sends the signal, SIGKILL after --kill-after, and then gives up',
      [
        [0, 'start'],
        [1_000, INTERRUPT],
      ],
      ['1000 SIGINT', '6000 SIGKILL', '9000 give up'],
    ],
    [
      'does not wait after a second request (T-2)',
      [
        [0, 'start'],
        [1_000, INTERRUPT],
        [1_500, TERMINATE],
      ],
      ['1000 SIGINT', '1500 SIGKILL', '4500 give up'],
    ],
    [
      'gives up at once after a third request (T-2)',
      [
        [0, 'start'],
        [1_000, INTERRUPT],
        [1_500, INTERRUPT],
        [2_000, INTERRUPT],
        [2_000, 'cancel'],
      ],
      ['1000 SIGINT', '1500 SIGKILL', '2000 give up'],
    ],
    ['gives up if the command does not start', [[1_000, TERMINATE]], ['4000 give up']],
    [
      'sends the signal to a command that starts in time',
      [
        [1_000, TERMINATE],
        [2_000, 'start'],
      ],
      ['2000 SIGTERM', '7000 SIGKILL', '10000 give up'],
    ],
    [
      'kills a command that starts after a second request',
      [
        [1_000, INTERRUPT],
        [1_500, INTERRUPT],
        [2_000, 'start'],
      ],
      ['2000 SIGKILL', '5000 give up'],
    ],
    [
      'stops when the command has ended',
      [
        [0, 'start'],
        [1_000, INTERRUPT],
        [2_000, 'cancel'],
      ],
      ['1000 SIGINT'],
    ],
  ])('%s', async (_, script, expected) => {
    expect(await play(script)).toEqual(expected);
  });

  it('keeps the first reason, which determines the exit status', () => {
    const stop = new RemoteStop(new ManualClock(), KILL_AFTER_MS, {
      signal: () => true,
      giveUp: () => undefined,
    });
    expect(stop.reason).toBeUndefined();
    stop.request(INTERRUPT);
    stop.request(TERMINATE);
    expect(stop.reason).toEqual(INTERRUPT);
  });
});
