import type { Waited } from '#domain/ports/prompt-ports.ts';
import { type Clock, END_SIGNALS, type Signals } from '#domain/ports/system-ports.ts';
import { cutToWidth } from './display-width.ts';
import type { Keyboard } from './keyboard.ts';
import { ScreenRegion, type TerminalOutput } from './screen-region.ts';

/** Anything shorter is over before a message could be read. */
const SILENCE_MS = 300;
const CTRL_C = 3;
/** Bytes that Linux keeps of a line that is not read (N_TTY_BUF_SIZE). */
const TYPED_AHEAD_LIMIT = 4_096;

export interface WaitingWorld {
  readonly input: Keyboard;
  readonly output: TerminalOutput;
  readonly clock: Clock;
  readonly signals: Signals;
  /** Something else is being asked, such as the code of an MFA device, and has the keyboard. */
  readonly isTaken: () => boolean;
}

/**
 * Says what is being waited for, until Ctrl-C or a signal ends the waiting. What is typed meanwhile
 * is not seen, and is there for the next question.
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
 * Takes the keys off the screen, where the terminal would show them; Ctrl-C is one of them then.
 * Somebody else takes the keyboard by pausing it, out of raw mode. What is returned puts the keys back.
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
