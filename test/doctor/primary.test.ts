import { describe, expect, it } from 'vitest';
import { likeliestSuspect, riskOf } from '#doctor/connection-path.ts';
import { fixFromHint } from '#doctor/fix-from-hint.ts';
import { primaryOf } from '#doctor/primary.ts';
import { suspicionOf } from '#doctor/suspicions.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import { CHECK_IDS, type CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult, CheckStatus } from '#domain/readiness/readiness-model.ts';

function checkId(text: string): CheckId {
  const id = CHECK_IDS.find((known) => known === text);
  if (id === undefined) throw new Error(`No check ${text}`);
  return id;
}

/** `id:status`; `id:fail!` is a transient failure. */
function results(...texts: readonly string[]): readonly CheckResult[] {
  return texts.map((text): CheckResult => {
    const [, id = '', status, mark] = /^(.+):(\w+)(!?)$/.exec(text) ?? [];
    return {
      id: checkId(id),
      title: id,
      severity: 'fail',
      status: status as CheckStatus,
      message: '',
      evidence: {},
      retryable: mark === '!',
    };
  });
}

describe('the primary cause', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['is undefined if nothing fails', ['init-process:warn'], undefined],
    ['is the first failure', ['exec-enabled:fail', 'task-role:fail'], 'exec-enabled'],
    ['is not a transient failure', ['task-status:fail!', 'task-role:fail'], 'task-role'],
    ['is a transient failure if there is no other', ['task-status:fail!'], 'task-status'],
    [
      'is the failure that caused the first one',
      ['exec-agent-status:fail', 'exec-enabled:pass', 'readonly-root-fs:fail'],
      'readonly-root-fs',
    ],
    [
      'is an unusable endpoint for sessions rather than a missing one for logs',
      ['vpce-s3:fail', 'vpce-usable:fail'],
      'vpce-usable',
    ],
    [
      'is not replaced by a warning',
      ['exec-agent-status:fail', 'readonly-root-fs:warn'],
      'exec-agent-status',
    ],
    [
      'is an unfixable failure rather than an agent that can be updated',
      ['exec-agent-present:fail', 'agent-version:fail', 'nano-server:fail'],
      'nano-server',
    ],
    [
      'is an unfixable failure rather than ECS Exec being off',
      ['exec-enabled:fail', 'windows-os-family:fail'],
      'windows-os-family',
    ],
    [
      'is a stopped task rather than an unfixable failure',
      ['task-status:fail', 'nano-server:fail'],
      'task-status',
    ],
    [
      'is the likeliest cause, even if it is not the first in the table',
      ['exec-agent-status:fail', 'readonly-root-fs:fail', 'memory-headroom:fail'],
      'memory-headroom',
    ],
    [
      'is an image without the exec agent',
      ['exec-agent-present:fail', 'instance-ami:fail'],
      'instance-ami',
    ],
    [
      'is the unusable endpoint rather than the route',
      ['egress-route:fail', 'vpce-usable:fail'],
      'vpce-usable',
    ],
    [
      'is the missing endpoint rather than the route',
      ['egress-route:fail', 'vpce-ssmmessages:fail'],
      'vpce-ssmmessages',
    ],
    [
      'is the missing public address, which is cheaper to fix than an endpoint',
      ['public-ip:fail', 'vpce-ssmmessages:fail'],
      'public-ip',
    ],
  ])('%s', (_, texts, id) => {
    expect(primaryOf(results(...texts))?.id).toBe(id);
  });
});

describe('the likeliest reason why an agent is not connected', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['is undefined if nothing is wrong', ['task-role:pass', 'image-shell:warn'], undefined],
    [
      'is a failure rather than a warning',
      ['restart-policy:warn', 'security-groups:fail'],
      'security-groups',
    ],
    [
      'is the first in order of suspicion',
      ['env-proxy:warn', 'restart-policy:warn'],
      'restart-policy',
    ],
    [
      'may be an info result',
      ['exec-agent-restarted:info', 'task-role:pass'],
      'exec-agent-restarted',
    ],
  ])('%s', (_, texts, id) => {
    expect(likeliestSuspect(results(...texts))?.id).toBe(id);
  });

  it('counts as a risk only if it is a warning', () => {
    expect(riskOf(results('exec-agent-restarted:info', 'logging-mode:warn'))).toBeUndefined();
    expect(riskOf(results('logging-mode:warn', 'env-proxy:warn'))?.id).toBe('env-proxy');
  });
});

describe('the failure of a session', () => {
  it.each<[ErrorCode, readonly string[], string | undefined]>([
    ['session-limit', ['session-limit:warn'], 'session-limit'],
    [
      'access-denied',
      ['caller-execute-command:fail', 'service-control-policy:fail'],
      'service-control-policy',
    ],
    [
      'task-role-kms-decrypt',
      ['task-role-kms-decrypt:warn', 'kms-key-usable:fail'],
      'kms-key-usable',
    ],
    [
      'log-group-encryption',
      ['log-group-encrypted:fail', 'log-group-exists:pass'],
      'log-group-encrypted',
    ],
    ['s3-encryption', ['s3-bucket-encrypted:fail'], 's3-bucket-encrypted'],
    ['agent-cannot-write', ['readonly-root-fs:warn', 'task-role:fail'], 'readonly-root-fs'],
    ['exec-not-ready', ['exec-enabled:fail'], 'exec-enabled'],
    ['target-not-connected', ['task-role-ssmmessages:fail'], 'task-role-ssmmessages'],
  ])('%s is explained by its check', (code, texts, id) => {
    expect(suspicionOf({ code })?.find(results(...texts))?.id).toBe(id);
  });

  it('has no suspects if its error code names the cause', () => {
    expect(suspicionOf({ code: 'command-not-found' })).toBeUndefined();
  });

  it('is not blamed on exec permissions if the denied call forwards a port', () => {
    const denied = { code: 'access-denied', deniedAction: 'ssm:StartSession' } as const;
    expect(suspicionOf(denied)).toBeUndefined();
  });
});

describe('a hint as a fix', () => {
  it.each([
    ['List them:  ecsh ls prod', { summary: 'List them', command: 'ecsh ls prod' }],
    ['Try again.', { summary: 'Try again.' }],
    ['Run  ecsh ls  first.', { summary: 'Run  ecsh ls  first.' }],
  ])('%s', (hint, fix) => {
    expect(fixFromHint(hint)).toEqual(fix);
  });
});
