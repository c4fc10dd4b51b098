import type { Readable } from 'node:stream';

/** What of `tty.ReadStream` is needed. */
export type Keyboard = Readable & { setRawMode?(isRaw: boolean): unknown };
