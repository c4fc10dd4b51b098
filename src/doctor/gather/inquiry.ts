import type { DoctorSubject } from '#doctor/check-model.ts';
import type { Ask } from '#doctor/finding.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { Container } from '#domain/resolve/task.ts';

/** The arguments of every function that gathers evidence. */
export interface Inquiry {
  readonly subject: DoctorSubject;
  readonly container: Container | undefined;
  readonly ports: DoctorPorts;
  /** Every call goes through it, because it sets a time limit. */
  readonly ask: Ask;
  /** Whether stdin and stdout are a terminal. */
  readonly isTerminal: boolean;
}
