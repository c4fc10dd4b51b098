import { diagnose } from '../doctor/diagnose.ts';
import type { Suspicion } from '../doctor/suspicions.ts';
import { ecshCommand } from '../domain/aws-command.ts';
import { EcshError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { CheckResult } from '../domain/readiness-model.ts';
import { parseTarget } from '../domain/target.ts';
import { findSubject } from './doctor/target.ts';
import type { CauseSearch } from './likely-cause.ts';
import { type SharedOptions, targetRequest } from './shared-options.ts';

/** Somebody is waiting for the error. */
const LIMIT_MS = 4_000;

/** The error with what was found out about its cause, within a few seconds. */
export async function findCause(
  search: CauseSearch,
  error: EcshError,
  suspicion: Suspicion,
): Promise<EcshError> {
  const { patience, options, target } = search;
  const cause = await within(patience.clock, look(search, suspicion));
  const further = `Look further:  ${doctorCommand(options, target)}`;
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

function doctorCommand(options: SharedOptions, target: string): string {
  const { cluster, container, flags } = targetRequest(options, target);
  const named = parseTarget(target);
  const words = [
    ...(cluster === undefined || named.cluster !== undefined ? [] : ['-C', cluster]),
    ...(container === undefined || named.container !== undefined ? [] : ['-c', container]),
  ];
  return ecshCommand(['doctor', target, ...words], flags);
}

async function look(
  { aws, patience, options, target }: CauseSearch,
  { areas, find }: Suspicion,
): Promise<CheckResult | undefined> {
  const { subject } = await findSubject(await aws.ecs(), targetRequest(options, target));
  const { results } = await diagnose({
    subject,
    areas: new Set(areas),
    ports: aws.doctor,
    clock: patience.clock,
    isTerminal: true,
  });
  return find(results);
}

async function within<T>(clock: Clock, work: Promise<T>): Promise<T | undefined> {
  let forget = () => {};
  const late = new Promise<undefined>((resolve) => {
    forget = clock.after(LIMIT_MS, () => resolve(undefined));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    forget();
    // Nobody listens any more if it was late.
    work.catch(() => undefined);
  }
}

function causeLines({ message, fix }: CheckResult): readonly string[] {
  const likely = `Likely cause: ${message}`;
  if (fix === undefined) return [likely];
  const { summary, command } = fix;
  return [likely, command === undefined ? summary : `${summary.replace(/\.$/, '')}:  ${command}`];
}
