import type { Readable } from 'node:stream';

/** Long enough for the rest of an arrow key on a slow line, short for a user who means Escape. */
export const ESCAPE_DELAY_MS = 50;

/** The part of `tty.ReadStream` that we use. */
export type Keyboard = Readable & { setRawMode?(isRaw: boolean): unknown };
