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

describe('a signal to this process', () => {
  it('is handled once if it arrives twice at once, as from a closed terminal and its shell', async () => {
    hearing();
    own.emit('SIGHUP');
    await clock.advance(13);
    own.emit('SIGHUP');
    expect(heard).toBe(1);
  });

  it('is handled again if it is sent again', async () => {
    hearing();
    own.emit('SIGHUP');
    await clock.advance(100);
    own.emit('SIGHUP');
    expect(heard).toBe(2);
  });

  it('reaches all listeners until they are removed', () => {
    const forget = hearing();
    hearing();
    own.emit('SIGHUP');
    expect(heard).toBe(2);
    forget();
    expect(own.listenerCount('SIGHUP')).toBe(1);
  });

  it('can be sent to this process, to suspend as at Ctrl-Z', () => {
    signals.suspend();
    expect(killed).toEqual([[7, 'SIGSTOP']]);
  });
});
