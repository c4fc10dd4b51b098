import type { SharedOptions } from '#commands/shared-options.ts';

export interface DoctorOptions extends SharedOptions {
  /** Undefined: only this machine is looked at. */
  readonly target?: string | undefined;
  readonly quick?: true | undefined;
  readonly deep?: true | undefined;
  readonly sessions?: true | undefined;
  readonly local?: true | undefined;
  readonly probe?: true | undefined;
  readonly fix?: true | undefined;
}
