import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge } from '#doctor/finding.ts';
import { AFTER_ROLLBACK, rollbackOf, rollbackText } from '#doctor/rolled-back.ts';
import type { DeploymentDetails, ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { enableFix } from '#domain/readiness/redeploy.ts';
import { listSiblings } from '#domain/readiness/task-checks.ts';
import { DOCS } from './docs.ts';
import { SERVICE_TASKS_CHECK } from './service-tasks-check.ts';

/** The service: its ECS Exec flag, rollout and deployment controller. */
export const SERVICE_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'service-flag-drift',
    title: 'Service and task agree',
    area: 'setup',
    severity: 'fail',
    meaning:
      'A task keeps what the service said when the task was launched: turned on later, ECS Exec reaches new tasks only.',
    remedy: 'Redeploy the service with ECS Exec on: `ecsh enable`.',
    docs: DOCS.exec,
    run: forService(checkDrift),
  },
  {
    id: 'service-rollout',
    title: 'No deployment is in progress',
    area: 'setup',
    severity: 'warn',
    meaning: 'A deployment replaces tasks, and a session ends with its task.',
    remedy: 'Choose a task of the PRIMARY deployment, or wait until the deployment is over.',
    docs: DOCS.deployments,
    run: forService(checkRollout),
  },
  {
    id: 'service-controller',
    title: 'ECS deploys the service',
    area: 'setup',
    severity: 'info',
    meaning:
      'Where CodeDeploy or another controller deploys the service, ECS can turn ECS Exec on but does not replace the tasks.',
    remedy: 'Turn it on, then start a deployment with the controller of the service.',
    docs: DOCS.deployments,
    run: forService(checkController),
  },
  SERVICE_TASKS_CHECK,
];

function forService(
  run: (service: ServiceDetails, context: DoctorContext) => CheckOutcome,
): DoctorCheck['run'] {
  return (context) => {
    if (context.resultOf('cluster-active')?.status === 'fail') return skip('There is no cluster.');
    return judge(context.evidence.service, (details) =>
      details === undefined ? skip('There is no service.') : run(details, context),
    );
  };
}

function checkDrift(service: ServiceDetails, context: DoctorContext): CheckOutcome {
  const { task } = context;
  const { enableExecuteCommand: isServiceOn = false } = service;
  const name = service.serviceName ?? context.service ?? '';
  const evidence = { service: isServiceOn, task: task?.enableExecuteCommand };
  if (task === undefined || isServiceOn === task.enableExecuteCommand) {
    return pass(`Service ${name} has ECS Exec ${isServiceOn ? 'on' : 'off'}.`, evidence);
  }
  const fix = fixFor(service, context);
  if (!isServiceOn) {
    const message = `Service ${name} has ECS Exec off: the next task cannot be entered.`;
    return { status: 'warn', message, fix, evidence };
  }
  const rollback = rollbackOf(context, service);
  if (rollback !== undefined) {
    const message = `Service ${name} has ECS Exec on, but this task has not. ${rollbackText(rollback)}`;
    return { status: 'fail', message, fix: { ...fix, summary: AFTER_ROLLBACK }, evidence };
  }
  const message = `Service ${name} has ECS Exec on, but this task was launched before that.`;
  return { status: 'fail', message, fix, evidence };
}

function fixFor(service: ServiceDetails, context: DoctorContext): CheckFix {
  const { cluster, flags, deployer } = context;
  const name = service.serviceName ?? context.service ?? '';
  return enableFix({ service: name, cluster, flags, deployer });
}

function checkRollout(service: ServiceDetails, context: DoctorContext): CheckOutcome {
  const { task, cluster, flags } = context;
  const deployments = service.deployments ?? [];
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  if (primary === undefined) return skip('ECS does not deploy this service.');
  const moving = deployments.find(isUnsettled);
  const isOld = task?.startedBy?.startsWith('ecs-svc/') === true && task.startedBy !== primary.id;
  const evidence = {
    deployments: deployments.map(({ id, status, rolloutState }) => ({ id, status, rolloutState })),
    startedBy: task?.startedBy,
  };
  if (moving === undefined && !isOld) return pass('No deployment is in progress.', evidence);
  const { id, rolloutState, rolloutStateReason } = moving ?? primary;
  const why = rolloutStateReason === undefined ? '' : ` (${rolloutStateReason.replace(/\.$/, '')})`;
  const belongs =
    task === undefined
      ? ''
      : ` This task belongs to ${isOld ? 'an older one' : 'the primary one'}.`;
  return {
    status: 'warn',
    message: `Deployment ${id} is ${rolloutState ?? 'PRIMARY'}${why}.${belongs}`,
    ...(task === undefined || !isOld
      ? {}
      : {
          fix: {
            summary: 'Choose a task of the primary deployment',
            command: listSiblings(task, cluster, flags),
          },
        }),
    evidence,
  };
}

function isUnsettled({ rolloutState }: DeploymentDetails): boolean {
  return rolloutState !== undefined && rolloutState !== 'COMPLETED';
}

/** Without a deployment controller, ECS deploys. */
function isDeployedByEcs({ deploymentController }: ServiceDetails): boolean {
  return (deploymentController?.type ?? 'ECS') === 'ECS';
}

function checkController(service: ServiceDetails, context: DoctorContext): CheckOutcome {
  const { task } = context;
  const type = service.deploymentController?.type ?? 'ECS';
  const evidence = { type };
  if (isDeployedByEcs(service)) return pass('ECS deploys the service.', evidence);
  // It is a failure if only a deployment can help, because ECS will not start one.
  const needsDeployment =
    service.enableExecuteCommand !== true || task?.enableExecuteCommand === false;
  return {
    status: needsDeployment ? 'fail' : 'info',
    message: `Controller ${type} deploys the service: ECS will not replace its tasks for you.`,
    fix: fixFor(service, context),
    evidence,
  };
}
