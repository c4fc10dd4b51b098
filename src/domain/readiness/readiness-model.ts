import type { AwsFlags } from '#domain/errors/aws-command.ts';
import type { Container, Task } from '#domain/resolve/task.ts';
import type { ExitCause } from './agent-reason.ts';
import type { CheckId } from './check-id.ts';
import type { Deployer } from './deployer.ts';

/** `unknown`: the check could not run, which is never a failure. */
export type CheckStatus = 'pass' | 'fail' | 'warn' | 'info' | 'skip' | 'unknown';

export interface CheckFix {
  readonly summary: string;
  /** Can be pasted unchanged. */
  readonly command?: string;
  /** The IAM policy document for the command or the summary. */
  readonly policy?: unknown;
}

/** The outcome of a check. */
export interface CheckOutcome {
  readonly status: CheckStatus;
  readonly message: string;
  readonly fix?: CheckFix | undefined;
  readonly evidence?: Readonly<Record<string, unknown>>;
  /** A temporary failure: `--wait` waits for it. */
  readonly retryable?: boolean;
  /** A warning that recommends something and explains no failure: it is never first in the report. */
  readonly isAdvice?: boolean;
}

export interface CheckResult extends CheckOutcome {
  readonly id: CheckId;
  readonly title: string;
  /** The status when the check does not pass. */
  readonly severity: 'fail' | 'warn' | 'info';
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly retryable: boolean;
  /** A page with details. */
  readonly docs?: string | undefined;
}

/** The task to check, and the known facts about it. */
export interface CheckSubject {
  /** Undefined: ECS reports it as MISSING. */
  readonly task: Task | undefined;
  /** Name of the cluster. */
  readonly cluster: string;
  /** The requested task id, if there is no such task. */
  readonly taskId?: string | undefined;
  /** The named container; by default one is chosen. */
  readonly containerName?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  /** The service's deployment controller; ECS unless known to be another. */
  readonly deployer?: Deployer | undefined;
  /** Reasons why an exec agent exits that the task definition rules out. */
  readonly ruledOut?: readonly ExitCause[] | undefined;
  /** Milliseconds since the epoch; without it no check considers the age. */
  readonly now?: number | undefined;
  /** Repeated in the commands that fixes print. */
  readonly flags?: AwsFlags | undefined;
}

/** A subject with its task, and with its container unless none could be chosen. */
export interface CheckContext extends CheckSubject {
  readonly task: Task;
  readonly container: Container | undefined;
  /** The result of a check that ran before. */
  readonly resultOf: (id: CheckId) => CheckResult | undefined;
}

export interface Check {
  readonly id: CheckId;
  readonly title: string;
  readonly severity: CheckResult['severity'];
  readonly run: (context: CheckContext) => CheckOutcome;
}

export function pass(message: string, evidence: Readonly<Record<string, unknown>> = {}) {
  return { status: 'pass', message, evidence } satisfies CheckOutcome;
}

export function skip(message: string) {
  return { status: 'skip', message } satisfies CheckOutcome;
}
