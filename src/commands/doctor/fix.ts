import type { App } from '#commands/app.ts';
import { runServiceChange } from '#commands/enable/change-service.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import type { Diagnosis } from '#doctor/diagnose.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';
import type { Reporter } from '#ui/reporter.ts';

/** Failures that are fixed by turning ECS Exec on and replacing the tasks; `--fix` changes nothing else. */
const REPAIRED_BY_ENABLING: readonly CheckId[] = [
  'exec-enabled',
  'service-flag-drift',
  'readonly-root-fs',
];

/** As `ecsh enable` has it without flags. */
const TIMEOUT_MS = 900_000;

/**
 * Repairs the cause, if it is one that ecsh repairs: shows the plan and asks, as `ecsh enable` does.
 * Roles, networks and task definitions are for their owners; the report has printed how.
 *
 * @returns the exit status of the repair; undefined if there is no repair
 */
export async function repair(
  app: App,
  reporter: Reporter,
  options: SharedOptions,
  { primary, subject }: Diagnosis,
): Promise<number | undefined> {
  const { cluster, service } = subject;
  if (primary === undefined) return undefined;
  if (service === undefined || !REPAIRED_BY_ENABLING.includes(primary.id)) {
    reporter.notice('ecsh cannot change this; the report says how to.');
    return undefined;
  }
  return runServiceChange(app, reporter, {
    ...options,
    target: `${cluster}/${service}`,
    isOn: true,
    redeploy: true,
    writableAgentPaths: primary.id === 'readonly-root-fs' || undefined,
    wait: 'all',
    timeout: TIMEOUT_MS,
  });
}
