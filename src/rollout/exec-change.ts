import { type AwsFlags, awsCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ServiceChange } from '#domain/ports/ecs-admin-ports.ts';
import type { DeploymentDetails, ServiceDetails } from '#domain/ports/ecs-responses.ts';
import type { AgentMount } from '#domain/readiness/agent-paths.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { counted } from './counted.ts';
import { deploymentNotes, type PlannedDeployment } from './deployment-notes.ts';
import { managedByTemplate } from './infrastructure-code.ts';

export interface ExecChange extends PlannedDeployment {
  /** Name of the cluster. */
  readonly cluster: string;
  /** The new value of the flag. */
  readonly isOn: boolean;
  /** Replace the tasks, because each keeps the flag that it was started with. */
  readonly redeploys: boolean;
  /** Volumes that a new revision of the task definition mounts; without any, it does not change. */
  readonly mounts?: readonly AgentMount[] | undefined;
  /** Start another deployment even during one. */
  readonly isForced: boolean;
  readonly flags: AwsFlags;
}

export interface ExecPlan {
  readonly cluster: string;
  readonly service: string;
  /** `nothing`: there is nothing to change. `follow`: a deployment is already making the change. */
  readonly kind: 'nothing' | 'follow' | 'change';
  readonly changes: readonly string[];
  /** Ids of the tasks that will be replaced. */
  readonly replaced: readonly string[];
  readonly warnings: readonly string[];
  readonly request: ServiceChange;
  /** Steps to do by hand if ECS does not redeploy. */
  readonly remaining: readonly string[];
}

/**
 * The change that UpdateService makes, and its consequences.
 *
 * @throws EcshError `service-not-active` or `rollout-in-progress`
 */
export function planExecChange(change: ExecChange): ExecPlan {
  const { cluster, service, tasks, isOn, isForced } = change;
  const name = service.serviceName ?? '';
  if (service.status !== undefined && service.status !== 'ACTIVE') {
    throw notActive(name, service.status);
  }
  const isSet = (service.enableExecuteCommand ?? false) === isOn;
  const differing = tasks.filter(({ enableExecuteCommand }) => enableExecuteCommand !== isOn);
  const running = primaryDeployment(service);
  const isRolling = ['IN_PROGRESS', 'PAUSED'].includes(running?.rolloutState ?? '');
  const common = { cluster, service: name };
  if (isSet && isRolling && !isForced && (change.mounts ?? []).length === 0) {
    const kind = change.redeploys ? 'follow' : 'nothing';
    return { ...common, ...NO_CHANGE, kind, request: requestOf(change, false) };
  }
  if (isRolling && change.redeploys && !isForced) throw rolloutInProgress(name, running, isOn);
  const controller = controllerOf(service);
  const { mounts = [] } = change;
  const wantsDeployment = change.redeploys && (!isSet || differing.length > 0 || mounts.length > 0);
  const replaces = wantsDeployment && service.desiredCount !== 0;
  const deploys = replaces && controller === 'ECS';
  if (isSet && !wantsDeployment) {
    return { ...common, ...NO_CHANGE, kind: 'nothing', request: requestOf(change, false) };
  }
  const replaced = deploys ? tasks.map(({ taskArn }) => nameInArn(taskArn)) : [];
  return {
    ...common,
    kind: 'change',
    changes: [...changesOf(change, isSet), consequence(change, { deploys, controller })],
    replaced,
    warnings: [
      ...(deploys ? [...deploymentNotes(change), ...expressNotes(service)] : []),
      ...driftWarnings(change, isSet),
    ],
    request: requestOf(change, deploys),
    remaining: replaces && !deploys ? byHand(change, controller) : [],
  };
}

/** The flag is set, but no task will get it. */
export function notRedeployed({ service, cluster, remaining }: ExecPlan, type = 'ECS'): EcshError {
  const code = type === 'CODE_DEPLOY' ? 'controller-code-deploy' : 'controller-external';
  return new EcshError(
    code,
    `ECS does not replace the tasks of ${cluster}/${service}, which ${controllerName(type)} deploys: they stay as they are.`,
    { hint: remaining.join('\n'), exitCode: 1 },
  );
}

/** The deployment that starts new tasks. */
export function primaryDeployment({
  deployments = [],
}: ServiceDetails): DeploymentDetails | undefined {
  return deployments.find(({ status }) => status === 'PRIMARY');
}

const NO_CHANGE = { changes: [], replaced: [], warnings: [], remaining: [] } as const;

/** Absent means ECS. */
function controllerOf({ deploymentController }: ServiceDetails): string {
  return deploymentController?.type ?? 'ECS';
}

function requestOf({ cluster, service, isOn }: ExecChange, deploys: boolean): ServiceChange {
  return {
    cluster,
    service: service.serviceName ?? '',
    enableExecuteCommand: isOn,
    forceNewDeployment: deploys,
  };
}

function changesOf({ isOn, mounts = [] }: ExecChange, isSet: boolean): readonly string[] {
  return [
    ...(isSet ? [] : [`ECS Exec of the service: ${word(!isOn)} -> ${word(isOn)}`]),
    ...mounts.map(
      ({ container, volume, path }) =>
        `New revision: + volume ${volume}, mounted on ${path} of ${container}`,
    ),
  ];
}

function word(isOn: boolean): string {
  return isOn ? 'on' : 'off';
}

interface Deploying {
  readonly deploys: boolean;
  readonly controller: string;
}

function consequence(change: ExecChange, { deploys, controller }: Deploying): string {
  const { tasks, isOn, redeploys, service } = change;
  const count = counted(tasks.length, 'running task');
  if (deploys) return `A new deployment replaces ${count}`;
  if (service.desiredCount === 0) return 'No task is wanted, so that none is replaced';
  if (redeploys && controller !== 'ECS') {
    return `ECS does not redeploy a service of ${controllerName(controller)}: its tasks stay as they are`;
  }
  return isOn
    ? `Tasks are not replaced: ${tasks.length === 0 ? 'those that run' : count} cannot be entered until the next deployment`
    : `Tasks are not replaced: they stay reachable until the next deployment (--redeploy replaces them)`;
}

function controllerName(controller: string): string {
  return controller === 'CODE_DEPLOY' ? 'AWS CodeDeploy' : 'an external controller';
}

function driftWarnings({ service, isOn }: ExecChange, isSet: boolean): readonly string[] {
  return isSet ? [] : [managedByTemplate(service, isOn)];
}

/** UNVERIFIED: that ECS accepts the flag without a deployment there; try it with a CodeDeploy service. */
function byHand({ cluster, service, flags }: ExecChange, controller: string): readonly string[] {
  const name = service.serviceName ?? '';
  if (controller === 'CODE_DEPLOY') {
    const create = ['deploy', 'create-deployment', '--application-name', 'APPLICATION'];
    const words = [...create, '--deployment-group-name', 'GROUP', '--revision', 'REVISION'];
    return [
      `Replace the tasks by a CodeDeploy deployment of the same AppSpec:  ${awsCommand(words, flags)}`,
    ];
  }
  const words = ['ecs', 'create-task-set', '--cluster', cluster, '--service', name];
  const definition = ['--task-definition', service.taskDefinition ?? ''];
  return [
    `Replace the tasks by a new task set, as your controller does:  ${awsCommand([...words, ...definition], flags)}`,
  ];
}

/** UNVERIFIED: that Express Mode keeps an unknown flag; update such a service and look. */
function expressNotes({ resourceManagementType }: ServiceDetails): readonly string[] {
  return resourceManagementType === 'ECS'
    ? [
        'ECS Express Mode manages this service. It has no setting for ECS Exec, and its next update may turn it off.',
      ]
    : [];
}

/** The service is being deleted, or has been deleted. */
export function notActive(name: string, status: string): EcshError {
  return new EcshError('service-not-active', `Service ${name} is ${status}.`, {
    hint: 'Only an ACTIVE service can be changed.',
    exitCode: 1,
  });
}

function rolloutInProgress(
  name: string,
  running: DeploymentDetails | undefined,
  isOn: boolean,
): EcshError {
  const { id = '', rolloutStateReason } = running ?? {};
  const isPaused = running?.rolloutState === 'PAUSED';
  const first = isPaused ? 'Continue it or roll it back' : 'Wait until it is done';
  const why = rolloutStateReason === undefined ? '' : ` ECS says: ${rolloutStateReason}`;
  return new EcshError(
    'rollout-in-progress',
    `Deployment ${id} of service ${name} is ${isPaused ? 'paused' : 'in progress'}.${why}`,
    {
      hint: `${first}, or turn ECS Exec ${word(isOn)} for what starts next with --no-redeploy. --force begins another deployment now.`,
      exitCode: 1,
      retryable: true,
    },
  );
}
