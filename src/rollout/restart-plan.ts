import { type AwsFlags, awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DeploymentDetails, ServiceDetails } from '#domain/ports/ecs-responses.ts';
import { deployerOf } from '#domain/readiness/deployer.ts';
import { redeployFix } from '#domain/readiness/redeploy.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { counted } from './counted.ts';
import { deploymentNotes, type PlannedDeployment } from './deployment-notes.ts';
import { type ExecPlan, notActive, primaryDeployment } from './exec-change.ts';

export interface Restart extends PlannedDeployment {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Start another deployment even during one. */
  readonly isForced: boolean;
  readonly flags: AwsFlags;
}

/**
 * The deployment that replaces every task of a service by one of the same task definition, and its consequences.
 *
 * @throws EcshError `service-not-active`, `rollout-in-progress`, and `controller-code-deploy` or
 *   `controller-external` if ECS does not replace the tasks
 */
export function planRestart(restart: Restart): ExecPlan {
  const { cluster, service, tasks, isForced } = restart;
  const name = service.serviceName ?? '';
  if (service.status !== undefined && service.status !== 'ACTIVE') {
    throw notActive(name, service.status);
  }
  assertEcsDeploys(restart);
  const running = primaryDeployment(service);
  const isRolling = ['IN_PROGRESS', 'PAUSED'].includes(running?.rolloutState ?? '');
  if (isRolling && !isForced) throw inProgress(restart, running);
  const isWanted = service.desiredCount !== 0;
  return {
    cluster,
    service: name,
    kind: isWanted ? 'change' : 'nothing',
    changes: isWanted ? [`A new deployment replaces ${counted(tasks.length, 'running task')}`] : [],
    replaced: isWanted ? tasks.map(({ taskArn }) => nameInArn(taskArn)) : [],
    warnings: isWanted ? deploymentNotes(restart) : [],
    request: { cluster, service: name, forceNewDeployment: isWanted },
    remaining: [],
  };
}

function assertEcsDeploys({ cluster, service, flags }: Restart): void {
  const deployer = deployerOf(service);
  if (deployer.type === 'ECS') return;
  const name = service.serviceName ?? '';
  const isCodeDeploy = deployer.type === 'CODE_DEPLOY';
  const owner = isCodeDeploy ? 'AWS CodeDeploy' : 'An external controller';
  const { summary, command } = redeployFix({ service: name, cluster, flags, deployer });
  const redeploy = command ?? (isCodeDeploy ? undefined : createTaskSet(cluster, service, flags));
  const stop = ecshCommand(['stop', `${cluster}/TASK`], flags);
  throw new EcshError(
    isCodeDeploy ? 'controller-code-deploy' : 'controller-external',
    `${owner} deploys service ${name}, and ECS refuses to replace its tasks. Nothing was changed.`,
    {
      hint: [
        `Stop its tasks one by one, and ECS starts another in place of each:  ${stop}`,
        redeploy === undefined ? summary : `${summary.replace(/\.$/, '')}:  ${redeploy}`,
      ].join('\n'),
      exitCode: 1,
    },
  );
}

function createTaskSet(cluster: string, service: ServiceDetails, flags: AwsFlags): string {
  const { serviceName = '', taskDefinition = 'TASK_DEFINITION' } = service;
  const words = ['ecs', 'create-task-set', '--cluster', cluster, '--service', serviceName];
  return awsCommand([...words, '--task-definition', taskDefinition], flags);
}

function inProgress(
  { cluster, service: { serviceName = '' }, flags }: Restart,
  running: DeploymentDetails | undefined,
): EcshError {
  const { id = '', rolloutState, rolloutStateReason } = running ?? {};
  const why = rolloutStateReason === undefined ? '' : ` ECS says: ${rolloutStateReason}`;
  const state = rolloutState === 'PAUSED' ? 'paused' : 'in progress';
  const look = ecshCommand(['describe', `${cluster}/${serviceName}`], flags);
  return new EcshError(
    'rollout-in-progress',
    `Deployment ${id} of service ${serviceName} is ${state}.${why}`,
    {
      hint: `--force begins another deployment now. See how this one stands:  ${look}`,
      exitCode: 1,
      retryable: true,
    },
  );
}
