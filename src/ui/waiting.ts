import { type Clock, END_SIGNALS, type Waited } from '../domain/ports.ts';
import { cutToWidth } from './display-width.ts';
import type { DialogWorld } from './list-dialog.ts';
import { ScreenRegion } from './screen-region.ts';

/** What takes less is over before it could be read. */
const SILENCE_MS = 300;
const CTRL_C = 0x03;

/** Says what is being waited for, takes Ctrl-C, and keeps what else is typed for the next question. */
export async function waitFor<T>(
  { input, output, signals, clock }: DialogWorld & { readonly clock: Clock },
  message: string,
  work: Promise<T>,
): Promise<Waited<T>> {
  const region = new ScreenRegion(output);
  const line = cutToWidth(message, region.size.cols - 1);
  const typed: Buffer[] = [];
  const forget: (() => void)[] = [
    clock.after(SILENCE_MS, () => region.show({ lines: [line], cursor: 0 })),
  ];
  const cancelled = new Promise<Waited<T>>((resolve) => {
    const onData = (data: Buffer) => {
      if (data.includes(CTRL_C)) resolve({ kind: 'cancelled' });
      else typed.push(data);
    };
    const onEnd = () => resolve({ kind: 'cancelled' });
    input.on('data', onData);
    input.on('end', onEnd);
    forget.push(
      () => input.off('data', onData),
      () => input.off('end', onEnd),
      ...END_SIGNALS.map((by) => signals.on(by, () => resolve({ kind: 'cancelled', by }))),
    );
  });
  input.setRawMode?.(true);
  input.resume();
  try {
    return await Promise.race([
      cancelled,
      work.then((value): Waited<T> => ({ kind: 'done', value })),
    ]);
  } finally {
    for (const run of forget) run();
    region.erase();
    input.pause();
    input.setRawMode?.(false);
    if (typed.length > 0) input.unshift(Buffer.concat(typed));
  }
}
