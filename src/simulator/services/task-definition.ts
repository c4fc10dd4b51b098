import { executionRoleName, taskRoleName } from '#simulator/api/roles.ts';
import type { Fleet, FleetCluster, FleetTask } from '#simulator/fleet/fleet.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';

type ApiFields = Readonly<Record<string, unknown>>;

/** The containers of a task definition in DescribeTaskDefinition's format, without ECS's own containers. */
export function definedContainers(
  { region }: Pick<Fleet, 'region'>,
  cluster: FleetCluster,
  task: FleetTask,
): readonly ApiFields[] {
  const isWindows = /windows/i.test(task.placement.platformFamily);
  return task.containers
    .filter(({ name }) => !name.startsWith('aws-guardduty-agent-'))
    .map(({ name, image, essential, definition, ports }) =>
      withoutNulls({
        name,
        image,
        essential,
        cpu: 0,
        environment: [],
        mountPoints: [],
        portMappings: [...ports.keys()].map((port) => ({
          containerPort: port,
          hostPort: port,
          protocol: 'tcp',
        })),
        ...(isWindows ? {} : { linuxParameters: { initProcessEnabled: true } }),
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': `/ecs/${cluster.name}/${task.family}`,
            'awslogs-region': region,
            'awslogs-stream-prefix': 'ecs',
          },
        },
        ...definition,
      }),
    );
}

/** The `taskDefinition` of a DescribeTaskDefinition response. */
export function showTaskDefinition(
  inventory: Inventory,
  cluster: FleetCluster,
  task: FleetTask,
): ApiFields {
  const { fleet } = inventory;
  const role = (name: string) => `arn:aws:iam::${fleet.account}:role/${name}`;
  return withoutNulls({
    taskDefinitionArn: inventory.taskDefinitionArn(task),
    family: task.family,
    revision: task.revision,
    status: 'ACTIVE',
    networkMode: 'awsvpc',
    requiresCompatibilities: [task.launchType],
    compatibilities: ['EC2', 'FARGATE'],
    cpu: '256',
    memory: '512',
    volumes: [],
    placementConstraints: [],
    taskRoleArn: role(taskRoleName(cluster.name)),
    executionRoleArn: role(executionRoleName(cluster.name)),
    containerDefinitions: definedContainers(fleet, cluster, task),
    ...task.placement.taskDefinition,
  });
}

function withoutNulls(fields: ApiFields): ApiFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
