import type { SharedOptions } from '#commands/shared-options.ts';
import type { WaitFor } from '#rollout/rollout.ts';

/** Of a service and of one task. */
interface ChangeOptions extends SharedOptions {
  readonly target: string;
  readonly dryRun?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** False: do not wait. */
  readonly wait: WaitFor | false;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface ServiceChangeOptions extends ChangeOptions {
  readonly isOn: boolean;
  readonly redeploy: boolean;
}

export interface TaskTwinOptions extends ChangeOptions {
  readonly subnet: readonly string[];
  readonly securityGroup: readonly string[];
  /** Undefined: as the task has it. */
  readonly publicIp?: boolean | undefined;
}
