import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Signals } from '#domain/ports/system-ports.ts';
import { createSignals } from '#local/signals.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

let clock: ManualClock;
let own: EventEmitter;
let killed: unknown[];
let signals: Signals;
let heard: number;

beforeEach(() => {
  clock = new ManualClock();
  own = new EventEmitter();
  killed = [];
  heard = 0;
  const kill = (...args: unknown[]) => killed.push(args);
  signals = createSignals(Object.assign(own, { kill, pid: 7 }) as never, clock);
});

const hearing = () => signals.on('SIGHUP', () => (heard += 1));

describe('signals of this process', () => {
  it('of one that comes twice at once, as from a closed terminal and its shell, are heard once', async () => {
    hearing();
    own.emit('SIGHUP');
    await clock.advance(13);
    own.emit('SIGHUP');
    expect(heard).toBe(1);
  });

  it('that somebody sends again are heard again', async () => {
    hearing();
    own.emit('SIGHUP');
    await clock.advance(100);
    own.emit('SIGHUP');
    expect(heard).toBe(2);
  });

  it('reach everybody who listens, until he listens no more', () => {
    const forget = hearing();
    hearing();
    own.emit('SIGHUP');
    expect(heard).toBe(2);
    forget();
    expect(own.listenerCount('SIGHUP')).toBe(1);
  });

  it('can be sent to it, to stop as at Ctrl-Z', () => {
    signals.suspend();
    expect(killed).toEqual([[7, 'SIGSTOP']]);
  });
});
