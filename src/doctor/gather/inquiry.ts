import type { DoctorSubject } from '#doctor/check-model.ts';
import type { Ask } from '#doctor/finding.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { Container } from '#domain/resolve/task.ts';

/** What the functions that gather evidence are handed. */
export interface Inquiry {
  readonly subject: DoctorSubject;
  readonly container: Container | undefined;
  readonly ports: DoctorPorts;
  /** Every call goes through it, so that none is made without a time limit. */
  readonly ask: Ask;
  /** stdin and stdout are a terminal. */
  readonly isTerminal: boolean;
}
