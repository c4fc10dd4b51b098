import type { EndSignal } from '#domain/ports/system-ports.ts';

/** The user cancelled a question: ecsh ends silently, as the signal would end it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly by: EndSignal;

  constructor(by: EndSignal = 'SIGINT') {
    super(`cancelled by ${by}`);
    this.by = by;
  }
}
