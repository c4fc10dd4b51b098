import type { ServiceDetails } from '#domain/ports/ecs-responses.ts';

/** The deployment controller that replaces the tasks of a service. */
export type Deployer =
  | { readonly type: 'ECS' }
  /** `lastId`: the CodeDeploy deployment that started the tasks, if ECS reports it. */
  | { readonly type: 'CODE_DEPLOY'; readonly lastId: string | undefined }
  | { readonly type: 'EXTERNAL' };

/** No controller means ECS. */
export function deployerOf({ deploymentController, taskSets = [] }: ServiceDetails): Deployer {
  switch (deploymentController?.type) {
    case 'CODE_DEPLOY': {
      const primary = taskSets.find(({ status }) => status === 'PRIMARY') ?? taskSets[0];
      return { type: 'CODE_DEPLOY', lastId: primary?.externalId };
    }
    case 'EXTERNAL':
      return { type: 'EXTERNAL' };
    default:
      return { type: 'ECS' };
  }
}
