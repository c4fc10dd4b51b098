import type { EndSignal } from '#domain/ports/system-ports.ts';

/** Somebody who was asked wants nothing at all: ecsh ends as the signal would end it, silently. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly by: EndSignal;

  constructor(by: EndSignal = 'SIGINT') {
    super(`cancelled by ${by}`);
    this.by = by;
  }
}
