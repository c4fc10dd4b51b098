import { suspicionOf } from '#doctor/suspicions.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import type { DiagnosisRequest } from './cause-search.ts';

/** Finds a target or runs a session. If a failure has its cause elsewhere, the hint names that cause. */
export async function withDiagnosis<T>(
  search: DiagnosisRequest,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    throw await withLastLines(search, await withLikelyCause(search, error));
  }
}

/**
 * The same error, with the likely cause and its fix as its hint. Looks only after a failure, loads
 * what that takes only then, and has nothing to add where the search itself fails.
 */
export async function withLikelyCause(
  search: DiagnosisRequest,
  error: EcshError,
): Promise<EcshError> {
  const suspicion = suspicionOf(error);
  // A transient failure needs no cause.
  if (suspicion === undefined || error.retryable) return error;
  try {
    const { findCause } = await import('./cause-search.ts');
    return await findCause(search, error, suspicion);
  } catch {
    return error;
  }
}

/** Failures whose cause may be a task that failed, or that keeps failing. */
const ABOUT_FAILED_TASKS: readonly ErrorCode[] = [
  'no-running-task',
  'task-not-running',
  'container-not-running',
  'exec-agent-not-running',
];

/** The same error, with the last log lines of the failed task in its hint, if there are any. */
async function withLastLines(search: DiagnosisRequest, error: EcshError): Promise<EcshError> {
  if (!ABOUT_FAILED_TASKS.includes(error.code)) return error;
  try {
    const { addLastLines } = await import('./last-lines.ts');
    return await addLastLines(search, error);
  } catch {
    return error;
  }
}
