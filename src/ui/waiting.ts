import type { Waited } from '#domain/ports/prompt-ports.ts';
import { type Clock, END_SIGNALS, type Signals } from '#domain/ports/system-ports.ts';
import { cutToWidth } from './display-width.ts';
import type { Keyboard } from './keyboard.ts';
import { type RegionOutput, ScreenRegion } from './screen-region.ts';

/** A shorter wait shows no message, because it would be gone before it could be read (ms). */
const SILENCE_MS = 300;
const CTRL_C = 3;
/** The most bytes of unread input that a terminal of Linux keeps (N_TTY_BUF_SIZE). */
const TYPED_AHEAD_LIMIT = 4_096;

export interface WaitingWorld {
  readonly input: Keyboard;
  readonly output: RegionOutput;
  readonly clock: Clock;
  readonly signals: Signals;
  /** Whether another question uses the keyboard, such as the one for an MFA code. */
  readonly isTaken: () => boolean;
}

/**
 * Shows a message while `work` runs. Ctrl-C or a signal cancels the wait. Typed keys are not
 * echoed, and the next question gets them.
 */
export async function waitFor<T>(
  world: WaitingWorld,
  message: string,
  work: Promise<T>,
): Promise<Waited<T>> {
  const { output, clock, signals, isTaken } = world;
  const region = new ScreenRegion(output);
  const line = cutToWidth(message, region.size.cols - 1);
  const forget: (() => void)[] = [];
  let isShown = false;
  const show = () => {
    isShown = !isTaken();
    if (isShown) region.show({ lines: [line], cursor: 0 });
  };
  const cancelled = new Promise<Waited<T>>((resolve) => {
    forget.push(
      holdKeyboard(world, () => resolve({ kind: 'cancelled' })),
      clock.after(SILENCE_MS, show),
      ...END_SIGNALS.map((by) => signals.on(by, () => resolve({ kind: 'cancelled', by }))),
    );
  });
  try {
    return await Promise.race([
      cancelled,
      work.then((value): Waited<T> => ({ kind: 'done', value })),
    ]);
  } finally {
    for (const run of forget) run();
    if (isShown) region.erase();
  }
}

/**
 * Reads keys in raw mode, so that the terminal does not echo them; Ctrl-C then arrives as a byte.
 * Another question takes the keyboard by pausing it and leaving raw mode.
 *
 * @returns a function that releases the keyboard and puts the unread keys back
 */
function holdKeyboard(
  { input, isTaken }: Pick<WaitingWorld, 'input' | 'isTaken'>,
  onCtrlC: () => void,
): () => void {
  let typed = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    if (isTaken()) return;
    if (chunk.includes(CTRL_C)) onCtrlC();
    if (typed.length + chunk.length <= TYPED_AHEAD_LIMIT) typed = Buffer.concat([typed, chunk]);
  };
  input.setRawMode?.(true);
  input.on('data', onData);
  input.resume();
  return () => {
    input.off('data', onData);
    input.pause();
    input.setRawMode?.(false);
    if (typed.length > 0) input.unshift(typed);
  };
}
