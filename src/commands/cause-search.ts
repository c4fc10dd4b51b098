import { diagnose } from '../doctor/diagnose.ts';
import type { Suspicion } from '../doctor/suspicions.ts';
import { nameInArn } from '../domain/arn.ts';
import { ecshCommand } from '../domain/aws-command.ts';
import { EcshError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { CheckResult } from '../domain/readiness-model.ts';
import { findSubject } from './doctor-target.ts';
import type { CauseSearch } from './likely-cause.ts';
import { targetRequest } from './shared-options.ts';

/** Somebody is waiting for the error. */
const LIMIT_MS = 4_000;

/** The error with what was found out about its cause, within a few seconds. */
export async function findCause(
  search: CauseSearch,
  error: EcshError,
  suspicion: Suspicion,
): Promise<EcshError> {
  const { cluster, task, container } = search.target;
  const name = `${cluster}/${nameInArn(task.taskArn)}@${container.name}`;
  const cause = await within(search.app.clock, look(search, name, suspicion));
  const { flags } = targetRequest(search.options, name);
  const further = `Look further:  ${ecshCommand(['doctor', name], flags)}`;
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

async function look(
  { app, start, options }: CauseSearch,
  name: string,
  { areas, find }: Suspicion,
): Promise<CheckResult | undefined> {
  const request = targetRequest({ ...options, container: undefined }, name);
  const { subject } = await findSubject(await start.aws.ecs(), request);
  const { results } = await diagnose({
    subject,
    areas: new Set(areas),
    ports: start.aws.doctor,
    clock: app.clock,
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
