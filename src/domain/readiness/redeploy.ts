import { type AwsFlags, awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import type { Deployer } from './deployer.ts';
import type { CheckFix } from './readiness-model.ts';

export interface ServiceAddress {
  /** Name of the service. */
  readonly service: string;
  readonly cluster: string;
  readonly flags?: AwsFlags | undefined;
  /** Default: ECS. */
  readonly deployer?: Deployer | undefined;
}

/**
 * A fix that replaces the tasks of a service. ECS refuses to do that if another controller deploys the service.
 *
 * @param options more options of `aws ecs update-service`, if the deployment also changes something
 */
export function redeployFix(address: ServiceAddress, options: readonly string[] = []): CheckFix {
  const { flags, deployer = { type: 'ECS' } } = address;
  switch (deployer.type) {
    case 'ECS':
      return {
        summary: 'Replace the tasks of the service',
        command: redeployCommand(address, options),
      };
    case 'CODE_DEPLOY':
      return repeatDeployment(deployer.lastId, flags);
    case 'EXTERNAL':
      return { summary: 'Have the controller of the service create a new task set.' };
  }
}

function redeployCommand(
  { service, cluster, flags }: ServiceAddress,
  options: readonly string[],
): string {
  if (options.length === 0) return ecshCommand(['restart', `${cluster}/${service}`], flags);
  const words = ['ecs', 'update-service', '--cluster', cluster, '--service', service];
  return awsCommand([...words, ...options, '--force-new-deployment'], flags);
}

/** A fix that turns ECS Exec on for the service and replaces its tasks. */
export function enableFix(address: ServiceAddress): CheckFix {
  const { service, cluster, flags, deployer = { type: 'ECS' } } = address;
  const name = `${cluster}/${service}`;
  if (deployer.type === 'ECS') {
    return {
      summary: 'Turn it on and replace the tasks',
      command: ecshCommand(['enable', name], flags),
    };
  }
  const setFlag = ecshCommand(['enable', name, '--no-redeploy'], flags);
  const redeploy = redeployFix(address);
  if (redeploy.command === undefined) {
    return { summary: `Turn it on. ${redeploy.summary}`, command: setFlag };
  }
  return {
    summary: 'Turn it on, and repeat the CodeDeploy deployment',
    command: `${setFlag} &&\n  ${redeploy.command}`,
  };
}

/** A fix that repeats the last deployment with the same application, group and AppSpec. */
function repeatDeployment(lastId: string | undefined, flags: AwsFlags | undefined): CheckFix {
  if (lastId === undefined) {
    return { summary: 'Start a CodeDeploy deployment with the same AppSpec.' };
  }
  const fields =
    'deploymentInfo.{applicationName:applicationName,deploymentGroupName:deploymentGroupName,revision:revision}';
  const words = ['deploy', 'get-deployment', '--deployment-id', lastId];
  const read = awsCommand([...words, '--query', fields, '--output', 'json'], flags);
  const create = awsCommand(['deploy', 'create-deployment'], flags);
  return {
    summary: 'Repeat the CodeDeploy deployment',
    command: `${create} --cli-input-json "$(\n  ${read})"`,
  };
}
