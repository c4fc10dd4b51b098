import { clusterHome } from '#doctor/cluster-home.ts';
import type { PermissionEvidence } from '#doctor/evidence.ts';
import { chain, type Finding, known, knownValue, notAsked } from '#doctor/finding.ts';
import { contextEntries } from '#doctor/rules/simulation.ts';
import { sessionKeyArn } from '#doctor/session-key.ts';
import type { Tag } from '#domain/ports/ecs-responses.ts';
import type { Inquiry } from './inquiry.ts';
import { type PermissionGround, simulate } from './simulate.ts';

/**
 * Checks the caller's permissions. The cluster and the task need separate calls, because conditions on tags
 * evaluate the tags of the resource.
 */
export async function gatherCallerRights(
  { subject, container, ports, ask }: Inquiry,
  ground: PermissionGround,
): Promise<Pick<PermissionEvidence, 'callerOnCluster' | 'callerOnTask' | 'callerOnKey'>> {
  const { task } = subject;
  const place = clusterHome(subject, ground);
  const may = async (actions: readonly string[], resource: Finding<string>, tags: readonly Tag[]) =>
    chain(ground.callerPrincipal, (principal) =>
      chain(resource, (arn) => {
        const context = contextEntries({
          clusterArn: place?.clusterArn,
          taskArn: task?.taskArn,
          containerName: container?.name,
          region: place?.region,
          tags,
        });
        return ask('iam:SimulatePrincipalPolicy', async () =>
          simulate(await ports.iam(), { principal, actions, resources: [arn], context }),
        );
      }),
    );
  const clusterTags = knownValue(ground.cluster)?.tags ?? [];
  const [callerOnCluster, callerOnTask, callerOnKey] = await Promise.all([
    may(['ecs:ExecuteCommand'], orNone(place?.clusterArn, 'There is no cluster.'), clusterTags),
    may(
      ['ecs:ExecuteCommand', 'ecs:DescribeTasks', 'ssm:StartSession'],
      orNone(task?.taskArn, 'There is no task.'),
      task?.tags ?? [],
    ),
    may(['kms:GenerateDataKey'], sessionKeyArn(ground), []),
  ]);
  return { callerOnCluster, callerOnTask, callerOnKey };
}

function orNone(arn: string | undefined, otherwise: string): Finding<string> {
  return arn === undefined ? notAsked(otherwise) : known(arn);
}
