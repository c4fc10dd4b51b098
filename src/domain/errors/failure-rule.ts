import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { AwsFlags } from './aws-command.ts';

/** A failed call, as reported by its adapter. */
export interface ServiceFailure {
  readonly name: string;
  readonly message: string;
  readonly operation?: string | undefined;
  readonly statusCode?: number | undefined;
  /** `ECONNREFUSED` or similar, of the error or of its cause. */
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

/** Facts about the request, for messages and commands. */
export interface FailureContext {
  readonly cluster?: string | undefined;
  /** Id or ARN. */
  readonly task?: string | undefined;
  readonly service?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly flags?: AwsFlags | undefined;
  /** The permission that the call needs: `ec2:DescribeSubnets`. */
  readonly action?: string | undefined;
  /** Milliseconds since the task started. */
  readonly taskAge?: number | undefined;
}

export interface Explanation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly deniedAction?: string;
  readonly retryable?: boolean;
}

export interface FailureRule {
  /** Error names, one of which must match exactly. */
  readonly names: readonly string[];
  /** A pattern that the message must match as well. */
  readonly fragment?: RegExp;
  readonly operation?: string;
  readonly explain: (failure: ServiceFailure, context: FailureContext) => Explanation;
}
