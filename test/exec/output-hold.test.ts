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

describe('output with a slow reader', () => {
  it('is not read from the socket during a short stall', async () => {
    hold.onFull();
    await clock.advance(249);
    hold.onDrain();
    await clock.advance(1_000);
    expect(log).toEqual(['pause', 'resume']);
    expect(clock.timers).toEqual([]);
  });

  it('is held by the terminal after a longer stall, and output in transit is read', async () => {
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

  it('is held again at each stall', async () => {
    for (let time = 0; time < 2; time++) {
      hold.onFull();
      await clock.advance(250);
      hold.note(3 * MEBIBYTE);
      hold.onDrain();
    }
    const once = ['pause', '"\\u0013"', 'resume', '"\\u0011"', 'resume'];
    expect(log).toEqual([...once, ...once]);
  });

  it('is read only up to a limit if the terminal does not hold it', async () => {
    hold.onFull();
    await clock.advance(250);
    hold.note(4 * MEBIBYTE);
    expect(log.at(-1)).toBe('resume');
    hold.note(1);
    expect(log.at(-1)).toBe('pause');
  });

  it('waits in the socket if the terminal cannot hold it', async () => {
    hasFlowControl = false;
    hold.onFull();
    await clock.advance(60_000);
    expect(log).toEqual(['pause']);
  });

  it('is not held after the command has ended', async () => {
    hold.onFull();
    hold.close();
    expect(clock.timers).toEqual([]);
  });
});

describe('a stopping command with a slow reader', () => {
  it('gets its terminal resumed first, and its output is read', async () => {
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

  it('is read again if its output only waited in the socket', () => {
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
