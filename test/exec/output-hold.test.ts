import { beforeEach, describe, expect, it } from 'vitest';
import { OutputHold } from '#exec/output-hold.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const MEBIBYTE = 1024 * 1024;
let clock: ManualClock;
let log: string[];
let hasFlowControl: boolean;
let hold: OutputHold;

beforeEach(() => {
  clock = new ManualClock();
  log = [];
  hasFlowControl = true;
  hold = new OutputHold({
    clock,
    pause: () => log.push('pause'),
    resume: () => log.push('resume'),
    send: (text) => log.push(JSON.stringify(text)),
    hasFlowControl: () => hasFlowControl,
  });
});

describe('output whose reader is slow', () => {
  it('is not read from the socket while that does not take long', async () => {
    hold.onFull();
    await clock.advance(249);
    hold.onDrain();
    await clock.advance(1_000);
    expect(log).toEqual(['pause', 'resume']);
    expect(clock.timers).toEqual([]);
  });

  it('is held by the terminal after that, and what was under way is taken', async () => {
    hold.onFull();
    await clock.advance(250);
    hold.note(1000);
    expect(log).toEqual(['pause', '"\\u0013"', 'resume']);
    hold.onDrain();
    expect(log.slice(3)).toEqual(['"\\u0011"', 'resume']);
  });

  it('is held once for both streams', async () => {
    hold.onFull();
    hold.onFull();
    await clock.advance(250);
    hold.onFull();
    await clock.advance(250);
    expect(log).toEqual(['pause', 'pause', '"\\u0013"', 'resume']);
    expect(clock.timers).toEqual([]);
  });

  it('is held anew each time', async () => {
    for (let time = 0; time < 2; time++) {
      hold.onFull();
      await clock.advance(250);
      hold.note(3 * MEBIBYTE);
      hold.onDrain();
    }
    const once = ['pause', '"\\u0013"', 'resume', '"\\u0011"', 'resume'];
    expect(log).toEqual([...once, ...once]);
  });

  it('is not taken without end from a terminal that does not heed', async () => {
    hold.onFull();
    await clock.advance(250);
    hold.note(4 * MEBIBYTE);
    expect(log.at(-1)).toBe('resume');
    hold.note(1);
    expect(log.at(-1)).toBe('pause');
  });

  it('waits in the socket where the terminal cannot hold it', async () => {
    hasFlowControl = false;
    hold.onFull();
    await clock.advance(60_000);
    expect(log).toEqual(['pause']);
  });

  it('is left alone once nobody is there any more', async () => {
    hold.onFull();
    hold.close();
    expect(clock.timers).toEqual([]);
  });
});

describe('a command that is to end while its reader is slow', () => {
  it('has its terminal go on first, and what comes is taken', async () => {
    hold.onFull();
    await clock.advance(250);
    log.splice(0);
    hold.release();
    hold.note(MEBIBYTE);
    expect(log).toEqual(['"\\u0011"']);
    hold.onDrain();
    hold.onFull();
    await clock.advance(1_000);
    expect(log).toEqual(['"\\u0011"', 'resume']);
  });

  it('is read again where it only waited', () => {
    hold.onFull();
    hold.release();
    hold.release();
    expect(log).toEqual(['pause', 'resume']);
    expect(clock.timers).toEqual([]);
  });

  it('is not read beyond the limit', () => {
    hold.release();
    hold.note(4 * MEBIBYTE);
    expect(log).toEqual([]);
    hold.note(1);
    expect(log).toEqual(['pause']);
  });
});
