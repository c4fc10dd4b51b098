import type { App, AwsPorts } from '#commands/app.ts';
import { diagnose } from '#doctor/diagnose.ts';
import type { Area } from '#doctor/evidence.ts';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { chooseContainer } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';

/** Checks 17, 19, 20, 33, 34, 35, 48 and 49: what a new task of the same kind cannot escape (READINESS 4.1). */
const DECISIVE = [
  'readonly-root-fs',
  'pid-mode',
  'task-role',
  'windows-os-family',
  'nano-server',
  'image-shell',
  'task-role-trust',
  'task-role-ssmmessages',
];

const AREAS: ReadonlySet<Area> = new Set(['setup', 'permissions']);

export interface PreflightSubject {
  readonly cluster: string;
  readonly service?: string | undefined;
  /** One of those that will be replaced; undefined: there is nothing to judge by. */
  readonly task: Task | undefined;
  /** What the new tasks are made from. */
  readonly taskDefinitionArn?: string | undefined;
  readonly flags: AwsFlags;
}

/** What would keep new tasks from being entered, or is worth knowing before they are started. */
export async function preflight(
  app: Pick<App, 'clock'>,
  { doctor }: Pick<AwsPorts, 'doctor'>,
  { task, taskDefinitionArn, ...subject }: PreflightSubject,
): Promise<readonly CheckResult[]> {
  if (task === undefined) return [];
  const choice = chooseContainer(task);
  const container = choice.kind === 'chosen' ? choice.container : choice.candidates[0];
  const next = { ...task, taskDefinitionArn: taskDefinitionArn ?? task.taskDefinitionArn };
  const { results } = await diagnose({
    subject: { ...subject, task: next, containerName: container?.name },
    areas: AREAS,
    ports: doctor,
    clock: app.clock,
    isTerminal: false,
  });
  return results.filter(
    ({ id, status }) => DECISIVE.includes(id) && (status === 'fail' || status === 'warn'),
  );
}

/** @throws EcshError `preflight-failed` */
export function assertWorthwhile(findings: readonly CheckResult[]): void {
  const obstacle = findings.find(({ status }) => status === 'fail');
  if (obstacle === undefined) return;
  const { message, fix } = obstacle;
  const repair = fix?.summary ?? 'Repair that first.';
  throw new EcshError('preflight-failed', `New tasks could not be entered either: ${message}`, {
    // Last, so that nothing follows what is to be pasted.
    hint: [`${repair} Or go on all the same with --force.`, fix?.command ?? []].flat().join('\n'),
    exitCode: 1,
  });
}
