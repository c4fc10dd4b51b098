import type { DeploymentPage, ServicePage, TaskSetPage } from '#describe/service-page.ts';
import type { TaskPage } from '#describe/task-page.ts';
import { ageText } from '#ui/age.ts';
import {
  dated,
  field,
  type PageColumn,
  type PageView,
  paragraph,
  section,
  table,
  tagsText,
} from './page-lines.ts';
import { exitText, stopReasonOf } from './task-lines.ts';

export function serviceLines(page: ServicePage, view: PageView): readonly string[] {
  const { now } = view;
  return [
    ...paragraph(headOf(page), view, '').map((line) => view.style('bold', line)),
    ...field('Task definition', page.taskDefinition ?? '', view),
    ...page.images.flatMap(({ container, image }, index) =>
      field(index === 0 ? 'Images' : '', `${container}: ${image}`, view),
    ),
    ...field('Launch', launchText(page), view),
    ...field('ECS Exec', execText(page), view),
    ...field('Deployed by', deployerText(page), view),
    ...field('Network', networkText(page), view),
    ...field('Created', createdText(page, now), view),
    ...field('Tags', tagsText(page.tags), view),
    ...section('Deployments', deploymentLines(page, view), view),
    ...section('Task sets', table(TASK_SETS, page.taskSets, view), view),
    ...section('Tasks', table(taskColumns(view), page.tasks, view), view),
    ...section('Last stopped tasks', stoppedLines(page, view), view),
    ...section(
      'Events',
      page.events.flatMap(({ createdAt, message }) =>
        dated(ageText(createdAt, now), message, view),
      ),
      view,
    ),
  ];
}

function headOf({
  service,
  cluster,
  status,
  runningCount,
  desiredCount,
  pendingCount,
}: ServicePage) {
  const pending = pendingCount === 0 ? '' : `, ${pendingCount} pending`;
  const tasks = desiredCount === 1 ? 'task' : 'tasks';
  return `Service ${service} in cluster ${cluster}: ${status ?? 'UNKNOWN'}, ${runningCount} of ${desiredCount} ${tasks} running${pending}`;
}

function launchText({ launch, platformVersion, schedulingStrategy }: ServicePage): string {
  return [
    ...launch,
    ...(platformVersion === null ? [] : [`platform ${platformVersion}`]),
    ...(schedulingStrategy === 'REPLICA' ? [] : [schedulingStrategy]),
  ].join(', ');
}

function execText({ enableExecuteCommand, tasks }: ServicePage): string {
  const ready = tasks.filter(({ containers }) => containers.some(({ exec }) => exec.ready)).length;
  const count =
    tasks.length === 0
      ? ''
      : `, ready in ${ready} of ${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`;
  return `${enableExecuteCommand ? 'on' : 'off'}${count}`;
}

function deployerText(page: ServicePage): string {
  const { controller, strategy, minimumHealthyPercent, maximumPercent, circuitBreaker } = page;
  if (controller === 'CODE_DEPLOY') return 'AWS CodeDeploy';
  if (controller !== 'ECS') return 'an external controller';
  const breaker = { off: 'off', on: 'on, no rollback', rollback: 'on, with rollback' }[
    circuitBreaker
  ];
  return [
    'ECS',
    strategy,
    ...(minimumHealthyPercent === null || maximumPercent === null
      ? []
      : [`${minimumHealthyPercent} to ${maximumPercent} % healthy`]),
    `circuit breaker ${breaker}`,
  ].join(', ');
}

function networkText({ network }: ServicePage): string {
  if (network === null) return '';
  const { subnets = [], securityGroups = [], assignPublicIp } = network;
  const isPublic = assignPublicIp === 'ENABLED';
  return [...subnets, ...securityGroups, `public address ${isPublic ? 'yes' : 'no'}`].join(', ');
}

function createdText({ createdAt, createdBy }: ServicePage, now: number): string {
  if (createdAt === null) return '';
  return `${ageText(createdAt, now)} ago${createdBy === null ? '' : ` by ${createdBy}`}`;
}

function deploymentLines({ deployments }: ServicePage, view: PageView): readonly string[] {
  const reasons = deployments.flatMap(({ id, rolloutState, rolloutStateReason }) =>
    rolloutStateReason === null || rolloutState === 'COMPLETED'
      ? []
      : paragraph(`${id ?? ''}: ${rolloutStateReason}`, view, '  '),
  );
  return [...table(deploymentColumns(view), deployments, view), ...reasons];
}

function deploymentColumns({ now }: PageView): readonly PageColumn<DeploymentPage>[] {
  const right = { align: 'right' } as const;
  return [
    { title: 'STATUS', priority: 1, cell: ({ status }) => status ?? '' },
    { title: 'STATE', priority: 0, cell: ({ rolloutState }) => rolloutState ?? '' },
    {
      title: 'DEFINITION',
      priority: 2,
      minimum: 10,
      cell: ({ taskDefinition }) => taskDefinition,
    },
    {
      title: 'RUNNING',
      priority: 0,
      ...right,
      cell: ({ runningCount, desiredCount }) => `${runningCount}/${desiredCount}`,
    },
    { title: 'PENDING', priority: 4, ...right, cell: ({ pendingCount }) => String(pendingCount) },
    { title: 'FAILED', priority: 3, ...right, cell: ({ failedTasks }) => String(failedTasks) },
    { title: 'AGE', priority: 5, ...right, cell: ({ createdAt }) => ageText(createdAt, now) },
    { title: 'ID', priority: 6, cell: ({ id }) => id ?? '' },
  ];
}

const TASK_SETS: readonly PageColumn<TaskSetPage>[] = [
  { title: 'STATUS', priority: 0, cell: ({ status }) => status ?? '' },
  { title: 'DEFINITION', priority: 1, minimum: 10, cell: ({ taskDefinition }) => taskDefinition },
  { title: 'DEPLOYMENT', priority: 2, cell: ({ externalId }) => externalId ?? '' },
  { title: 'ID', priority: 3, cell: ({ id }) => id ?? '' },
];

const SHORT_ID = 12;

function taskColumns({ now, width }: PageView): readonly PageColumn<TaskPage>[] {
  return [
    {
      title: 'TASK',
      priority: 0,
      cell: ({ taskId }) => (width === undefined ? taskId : taskId.slice(0, SHORT_ID)),
    },
    { title: 'STATUS', priority: 1, cell: ({ lastStatus }) => lastStatus },
    { title: 'EXEC', priority: 2, minimum: 8, cell: execCell },
    { title: 'HEALTH', priority: 4, cell: healthCell },
    {
      title: 'AGE',
      priority: 3,
      align: 'right',
      cell: ({ startedAt, createdAt }) => ageText(startedAt ?? createdAt, now),
    },
    { title: 'DEFINITION', priority: 6, minimum: 10, cell: ({ taskDefinition }) => taskDefinition },
    { title: 'ADDRESS', priority: 5, cell: ({ network }) => network?.privateIp ?? '' },
  ];
}

/** `ready` if a container can be entered, otherwise the reason. */
function execCell({ containers }: TaskPage): string {
  if (containers.some(({ exec }) => exec.ready)) return 'ready';
  return containers.map(({ exec }) => exec.code).find((code) => code !== null) ?? '';
}

function healthCell({ containers }: TaskPage): string {
  const known = containers.flatMap(({ healthStatus }) =>
    healthStatus === null || healthStatus === 'UNKNOWN' ? [] : [healthStatus],
  );
  return known.find((status) => status !== 'HEALTHY') ?? known[0] ?? '';
}

function stoppedLines({ stopped }: ServicePage, view: PageView): readonly string[] {
  if (stopped === null) return ['  They may not be listed with these credentials.'];
  return stopped.flatMap((task) => {
    const exits = task.containers.flatMap((container) => {
      const health = container.healthStatus === 'UNHEALTHY' ? 'UNHEALTHY' : '';
      const parts = [health, exitText(container)].filter((part) => part !== '');
      return parts.length === 0 ? [] : [`${container.name}: ${parts.join(', ')}`];
    });
    const reason = stopReasonOf(task) || 'ECS gives no reason';
    const why = exits.length === 0 ? reason : [reason.replace(/\.$/, ''), ...exits].join('; ');
    const id = view.width === undefined ? task.taskId : task.taskId.slice(0, SHORT_ID);
    return dated(ageText(task.stoppedAt, view.now), `${id} ${why}`, view);
  });
}
