import type { DoctorPorts } from '../../domain/doctor-ports.ts';
import type { Container } from '../../domain/task.ts';
import type { DoctorSubject } from '../check-model.ts';
import type { Ask } from '../finding.ts';

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
