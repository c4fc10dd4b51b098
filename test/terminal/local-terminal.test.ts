import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalTerminal, TerminalSize } from '#domain/ports/terminal-ports.ts';
import {
  createLocalTerminal,
  type TerminalInput,
  type TerminalOutput,
} from '#terminal/local-terminal.ts';
import { FakeSignals } from '#test/fakes/fake-signals.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

class FakeInput implements TerminalInput {
  isRaw = false;
  /** Makes the terminal refuse if it is set. */
  failure: Error | undefined;
  readonly #log: string[];

  constructor(log: string[]) {
    this.#log = log;
  }

  setRawMode(isRaw: boolean): void {
    if (this.failure !== undefined) throw this.failure;
    this.isRaw = isRaw;
    this.#log.push(isRaw ? 'raw' : 'cooked');
  }
}

class FakeOutput extends EventEmitter implements TerminalOutput {
  columns = 100;
  rows = 30;
}

let log: string[];
let stdin: FakeInput;
let stdout: FakeOutput;
let clock: ManualClock;
let signals: FakeSignals;
let exitHooks: Set<() => void>;
let terminal: LocalTerminal;

beforeEach(() => {
  log = [];
  stdin = new FakeInput(log);
  stdout = new FakeOutput();
  clock = new ManualClock();
  signals = new FakeSignals();
  exitHooks = new Set();
  terminal = createLocalTerminal({
    stdin,
    stdout,
    clock,
    signals,
    suspendGroup: () => log.push('suspended'),
    onExit(run) {
      exitHooks.add(run);
      return () => exitHooks.delete(run);
    },
  });
});

describe('the size', () => {
  it('is the size of the terminal', () => {
    expect(terminal.size()).toEqual({ cols: 100, rows: 30 });
  });

  it.each([
    [0, 30],
    [100, 0],
    [undefined, undefined],
  ])('is 80x24 if the terminal reports %s by %s', (columns, rows) => {
    Object.assign(stdout, { columns, rows });
    expect(terminal.size()).toEqual({ cols: 80, rows: 24 });
  });

  it('is reported when it has not changed for 50 ms, because a dragged window sends many', async () => {
    const told: (TerminalSize & { readonly at: number })[] = [];
    const stop = terminal.onResize((size) => told.push({ ...size, at: clock.elapsed }));
    for (const columns of [101, 102, 103]) {
      stdout.columns = columns;
      stdout.emit('resize');
      await clock.advance(49);
    }
    expect(told).toEqual([]);
    await clock.advance(1_000);
    expect(told).toEqual([{ cols: 103, rows: 30, at: 148 }]);
    stop();
  });

  it('is no longer reported after the listener was removed', async () => {
    const told: TerminalSize[] = [];
    const stop = terminal.onResize((size) => told.push(size));
    stdout.emit('resize');
    stop();
    stdout.emit('resize');
    await clock.advance(1_000);
    expect(told).toEqual([]);
    expect(stdout.listenerCount('resize')).toBe(0);
  });
});

describe('raw mode', () => {
  /** Asserts that no listener remains. */
  function expectReleased(): void {
    expect(stdin.isRaw).toBe(false);
    expect(signals.handled).toEqual([]);
    expect([...exitHooks]).toEqual([]);
  }

  it('lasts while the body runs, and returns its result (T-1)', async () => {
    const result = await terminal.raw(async () => {
      log.push('body');
      return 7;
    });
    expect(result).toBe(7);
    expect(log).toEqual(['raw', 'body', 'cooked']);
    expectReleased();
  });

  it('ends if the body throws (T-3)', async () => {
    const body = () => Promise.reject(new Error('broken'));
    await expect(terminal.raw(body)).rejects.toThrow('broken');
    expect(log).toEqual(['raw', 'cooked']);
    expectReleased();
  });

  it('leaves no listener if the terminal refuses it', async () => {
    stdin.failure = new Error('setRawMode EIO');
    await expect(terminal.raw(async () => 7)).rejects.toThrow('setRawMode EIO');
    expectReleased();
  });

  it('ends once when the process ends (T-3)', async () => {
    let end: () => void = () => undefined;
    const running = terminal.raw(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    for (const run of exitHooks) run();
    expect(log).toEqual(['raw', 'cooked']);
    end();
    await running;
    expect(log).toEqual(['raw', 'cooked']);
    expectReleased();
  });

  it('is suspended while another process has stopped us, and the size is read afterwards (T-3)', async () => {
    const sizes: TerminalSize[] = [];
    const stop = terminal.onResize((size) => sizes.push(size));
    await terminal.raw(async () => {
      signals.send('SIGTSTP');
      expect(stdin.isRaw).toBe(false);
      expect(signals.suspensions).toBe(1);
      stdout.columns = 132;
      signals.send('SIGCONT');
      expect(stdin.isRaw).toBe(true);
      await clock.advance(50);
    });
    stop();
    expect(log).toEqual(['raw', 'cooked', 'raw', 'cooked']);
    expect(sizes).toEqual([{ cols: 132, rows: 30 }]);
    expectReleased();
  });

  it('is set again after an unannounced stop, because the shell may have changed it', async () => {
    await terminal.raw(async () => {
      signals.send('SIGCONT');
      await settle();
    });
    // Node.js sets the mode only if it believes that it is not set.
    expect(log).toEqual(['raw', 'cooked', 'raw', 'cooked']);
  });
});
