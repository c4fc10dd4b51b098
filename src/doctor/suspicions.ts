import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { likeliestSuspect } from './connection-path.ts';
import type { Area } from './evidence.ts';
import { primaryOf } from './primary.ts';

export interface Suspicion {
  readonly areas: readonly Area[];
  /** The check that explains the failure, if one does. */
  readonly find: (results: readonly CheckResult[]) => CheckResult | undefined;
}

/** The parts of a session failure that indicate its cause. */
interface Failure {
  readonly code: ErrorCode;
  readonly deniedAction?: string | undefined;
}

/** Likely causes by the error code of the session failure. */
const SUSPICIONS: Readonly<Record<string, Suspicion>> = {
  'exec-agent-missing': { areas: ['task', 'setup'], find: whyNoAgent },
  'exec-agent-not-running': { areas: ['task', 'setup'], find: whyNoAgent },
  'exec-not-ready': { areas: ['task', 'setup'], find: primaryOf },
  'target-not-connected': {
    areas: ['task', 'setup', 'permissions', 'network'],
    find: likeliestSuspect,
  },
  'data-channel-unreachable': {
    areas: ['task', 'setup', 'permissions', 'network'],
    find: likeliestSuspect,
  },
  'session-limit': { areas: ['task', 'sessions'], find: oneOf('session-limit') },
  'access-denied': {
    areas: ['task', 'setup', 'permissions'],
    find: oneOf(
      'permissions-boundary',
      'service-control-policy',
      'caller-identity',
      'caller-execute-command',
    ),
  },
  'data-key-refused': keySuspicion('caller-kms-generate-data-key'),
  'caller-kms-generate-data-key': keySuspicion('caller-kms-generate-data-key'),
  'task-role-kms-decrypt': keySuspicion('task-role-kms-decrypt', 'vpce-kms'),
  'log-group-encryption': destinationSuspicion(
    'log-group-exists',
    'log-group-encrypted',
    'task-role-logs',
    'vpce-logs',
  ),
  's3-encryption': destinationSuspicion('s3-bucket', 's3-bucket-encrypted'),
  's3-permission': destinationSuspicion('s3-bucket', 'task-role-s3', 'vpce-s3'),
  'agent-cannot-write': {
    areas: ['task', 'setup'],
    find: oneOf('readonly-root-fs', 'efs-or-volumes-shadow', 'memory-headroom'),
  },
};

/** Undefined if the failure explains itself. */
export function suspicionOf({ code, deniedAction }: Failure): Suspicion | undefined {
  // Only forwarding needs it, and the caller checks are about ecs:ExecuteCommand.
  if (deniedAction === 'ssm:StartSession') return undefined;
  return SUSPICIONS[code];
}

/** Leaves out a missing agent, which the error itself has already reported. */
function whyNoAgent(results: readonly CheckResult[]): CheckResult | undefined {
  const primary = primaryOf(results);
  return primary?.id.startsWith('exec-agent-') ? undefined : primary;
}

function keySuspicion(...ids: readonly CheckId[]): Suspicion {
  return destinationSuspicion('kms-key-usable', ...ids);
}

function destinationSuspicion(...ids: readonly CheckId[]): Suspicion {
  return {
    areas: ['task', 'setup', 'destinations', 'permissions', 'network'],
    find: oneOf(...ids),
  };
}

/** Prefers a failure to a warning, then the order of the ids. */
function oneOf(...ids: readonly CheckId[]): Suspicion['find'] {
  return (results) => {
    const found = ids.flatMap((id) => results.filter((result) => result.id === id));
    return (
      found.find(({ status }) => status === 'fail') ?? found.find(({ status }) => status === 'warn')
    );
  };
}
