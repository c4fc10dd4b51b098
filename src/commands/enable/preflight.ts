import type { App } from '#commands/app.ts';
import { diagnose } from '#doctor/diagnose.ts';
import type { Area } from '#doctor/evidence.ts';
import type { AwsFlags } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { sidecarFeature } from '#domain/resolve/selection.ts';
import type { Task } from '#domain/resolve/task.ts';
import { memoizedPorts } from './memoized-ports.ts';

/** Failures that a new task of the same kind would have too. */
const OF_THE_TASK: readonly CheckId[] = [
  'fargate-platform-version',
  'readonly-root-fs',
  'pid-mode',
  'task-role',
  'agent-version',
  'instance-ami',
  'windows-os-family',
  'nano-server',
  'image-shell',
];

/** Whether the agent of a new task would reach Session Manager, which ECS itself does not check. */
const OF_THE_WAY: readonly CheckId[] = [
  'task-role-trust',
  'task-role-ssmmessages',
  'instance-profile-role',
  'egress-route',
  'public-ip',
  'vpce-ssmmessages',
  'vpce-usable',
  'security-groups',
  'network-acls',
  'vpc-dns',
];

const AREAS: ReadonlySet<Area> = new Set(['task', 'setup', 'permissions', 'network']);

/** At most this many tasks, on different instances or in different subnets, are judged. */
const MAX_TASKS = 3;

export interface PreflightSubject {
  readonly cluster: string;
  readonly service?: string | undefined;
  /** As the new tasks will be; none: there is nothing to judge by. */
  readonly tasks: readonly Task[];
  readonly flags: AwsFlags;
  /** ECS refuses ECS Exec for a service without a task role. */
  readonly needsTaskRole: boolean;
}

export interface Preflight {
  /** Obstacles, and notes to read before tasks are started. */
  readonly findings: readonly CheckResult[];
  /** Role and network were seen as a whole, and nothing is in the way. */
  readonly isProven: boolean;
}

/** Finds reasons why no session could be opened in new tasks, for each of their containers. */
export async function preflight(
  app: Pick<App, 'clock'>,
  doctor: DoctorPorts,
  { tasks, needsTaskRole, ...subject }: PreflightSubject,
): Promise<Preflight> {
  const ports = memoizedPorts(doctor);
  const judged = tasks.length === 0 ? [] : distinct(tasks).slice(0, MAX_TASKS);
  const results: CheckResult[] = [];
  for (const task of judged) {
    for (const { name } of task.containers.filter(
      (each) => sidecarFeature(each.name) === undefined,
    )) {
      const diagnosis = await diagnose({
        subject: { ...subject, task, containerName: name },
        areas: AREAS,
        ports,
        clock: app.clock,
        isTerminal: false,
      });
      results.push(...diagnosis.results);
    }
  }
  const decisive = results
    .map((result) => (needsTaskRole ? withRoleNeeded(result) : result))
    .map(withAgentNeeded);
  const findings = decisive.filter(
    ({ id, status, isAdvice }) =>
      [...OF_THE_TASK, ...OF_THE_WAY].includes(id) &&
      (status === 'fail' || status === 'warn') &&
      !isAdvice,
  );
  return { findings: unique(findings), isProven: judged.length > 0 && isProven(decisive, judged) };
}

/** The first task of each instance or subnet. */
function distinct(tasks: readonly Task[]): readonly Task[] {
  const homeOf = ({ containerInstanceArn, attachments }: Task) =>
    containerInstanceArn ?? attachments.find(({ details }) => details.subnetId)?.details.subnetId;
  return tasks.filter(
    (task, index) => tasks.findIndex((other) => homeOf(other) === homeOf(task)) === index,
  );
}

function withRoleNeeded(result: CheckResult): CheckResult {
  if (result.id !== 'task-role' || result.status !== 'warn') return result;
  const message = 'The task definition has no task role, and ECS refuses ECS Exec without one.';
  return { ...result, status: 'fail', message };
}

/** An image without the exec agent is an obstacle before a task shows that it is missing. */
function withAgentNeeded(result: CheckResult): CheckResult {
  const isObstacle = result.id === 'instance-ami' && result.evidence.lacksAgent === true;
  return isObstacle ? { ...result, status: 'fail' } : result;
}

/** Containers of one task share most of the findings. */
function unique(results: readonly CheckResult[]): readonly CheckResult[] {
  return results.filter(
    ({ id, message }, index) =>
      results.findIndex((other) => other.id === id && other.message === message) === index,
  );
}

function isProven(results: readonly CheckResult[], tasks: readonly Task[]): boolean {
  if (tasks.some(({ launchType }) => launchType === 'EXTERNAL')) return false;
  const open: readonly CheckResult['status'][] = ['fail', 'warn', 'unknown'];
  const isSeen = results.some(({ id, status }) => id === 'egress-route' && status === 'pass');
  if (!isSeen) return false;
  return !results.some(
    ({ id, status, isAdvice }) => OF_THE_WAY.includes(id) && open.includes(status) && !isAdvice,
  );
}

/** @throws EcshError `preflight-failed` */
export function assertWorthwhile(findings: readonly CheckResult[]): void {
  const obstacle = findings.find(({ status }) => status === 'fail');
  if (obstacle === undefined) return;
  const { message, fix } = obstacle;
  const repair = (fix?.summary ?? 'Repair that first').replace(/\.?$/, '.');
  throw new EcshError('preflight-failed', `New tasks could not be entered either: ${message}`, {
    // Last, so that nothing follows the command to paste.
    hint: [`${repair} Or continue anyway with --force.`, fix?.command ?? []].flat().join('\n'),
    exitCode: 1,
  });
}
