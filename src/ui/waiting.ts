import { type Clock, END_SIGNALS, type Signals, type Waited } from '../domain/ports.ts';
import { cutToWidth } from './display-width.ts';
import { ScreenRegion, type TerminalOutput } from './screen-region.ts';

/** What takes less is over before it could be read. */
const SILENCE_MS = 300;

export interface WaitingWorld {
  readonly output: TerminalOutput;
  readonly clock: Clock;
  readonly signals: Signals;
  /** Something else is being asked, such as the code of an MFA device. */
  readonly isTaken: () => boolean;
}

/**
 * Says what is being waited for, until a signal ends the waiting. The keyboard is left alone: what
 * is typed meanwhile stays in the terminal for the next question.
 */
export async function waitFor<T>(
  { output, clock, signals, isTaken }: WaitingWorld,
  message: string,
  work: Promise<T>,
): Promise<Waited<T>> {
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
