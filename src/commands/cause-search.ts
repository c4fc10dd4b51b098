import { findSubject } from '#commands/doctor/doctor-target.ts';
import { diagnose } from '#doctor/diagnose.ts';
import type { Suspicion } from '#doctor/suspicions.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { Clock, Signals } from '#domain/ports/system-ports.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { parseTarget } from '#domain/resolve/target.ts';
import type { AwsPorts } from './app.ts';
import type { SharedOptions } from './shared-options.ts';
import { targetRequest } from './target-request.ts';
import { within } from './time-limit.ts';

/** Short, because the user is waiting for the error. */
const LIMIT_MS = 4_000;

/** Where to look when a session fails. */
export interface DiagnosisRequest {
  readonly aws: AwsPorts;
  readonly retryPolicy: { readonly clock: Clock };
  readonly signals: Signals;
  readonly options: SharedOptions;
  /** The target as the user can type it. */
  readonly target: string;
}

/** The error with the cause that the doctor found within a few seconds, or before Ctrl-C. */
export async function findCause(
  search: DiagnosisRequest,
  error: EcshError,
  suspicion: Suspicion,
): Promise<EcshError> {
  const { retryPolicy, signals, options, target } = search;
  const limit = { clock: retryPolicy.clock, limitMs: LIMIT_MS, signals };
  const cause = await within(limit, look(search, suspicion));
  const further = `More:  ${doctorCommand(options, target, suspicion)}`;
  const lines = cause === undefined ? [error.hint ?? ''] : causeLines(cause);
  const hint = [...lines, further].filter((line) => line !== '').join('\n');
  const { code, message, exitCode, deniedAction } = error;
  return new EcshError(code, message, {
    hint,
    exitCode,
    ...(deniedAction === undefined ? {} : { deniedAction }),
    cause: error.cause,
  });
}

/** Adds the flag for checks that the doctor makes only on request. */
function doctorCommand(options: SharedOptions, target: string, { areas }: Suspicion): string {
  const { cluster, container, flags } = targetRequest(options, target);
  const named = parseTarget(target);
  const words = [
    ...(cluster === undefined || named.cluster !== undefined ? [] : ['-C', cluster]),
    ...(container === undefined || named.container !== undefined ? [] : ['-c', container]),
  ];
  const asked = areas.includes('sessions') ? ['--sessions'] : [];
  return ecshCommand(['doctor', ...asked, target, ...words], flags);
}

async function look(
  { aws, retryPolicy, options, target }: DiagnosisRequest,
  { areas, find }: Suspicion,
): Promise<CheckResult | undefined> {
  const { subject } = await findSubject(await aws.ecs(), targetRequest(options, target));
  const { results } = await diagnose({
    subject,
    areas: new Set(areas),
    ports: aws.doctor,
    clock: retryPolicy.clock,
    isTerminal: true,
  });
  return find(results);
}

function causeLines({ message, fix }: CheckResult): readonly string[] {
  const likely = `Likely cause: ${message}`;
  if (fix === undefined) return [likely];
  const { summary, command } = fix;
  return [likely, command === undefined ? summary : `${summary.replace(/\.$/, '')}:  ${command}`];
}
