import { parseArn } from '#domain/resolve/arn.ts';
import type { DoctorSubject } from './check-model.ts';
import type { SetupEvidence } from './evidence.ts';
import { knownValue } from './finding.ts';

/** The region and account of the cluster, from its ARN. */
export interface ClusterHome {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly clusterArn: string;
}

export function clusterHome(subject: DoctorSubject, setup: SetupEvidence): ClusterHome | undefined {
  const clusterArn = subject.task?.clusterArn ?? knownValue(setup.cluster)?.clusterArn;
  const arn = clusterArn === undefined ? undefined : parseArn(clusterArn);
  if (arn === undefined || clusterArn === undefined) return undefined;
  const { partition, region, account } = arn;
  return { partition, region, account, clusterArn };
}
