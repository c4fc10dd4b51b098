import { readdirSync } from 'node:fs';
import { EcshError } from '#domain/errors/errors.ts';
import type { DoctorPorts, EcsDetailsApi } from '#domain/ports/doctor-ports.ts';
import { fakeDoctor } from './fake-doctor.ts';
import { readFixture } from './sample-task.ts';

/** Folders named after what doctor should find in them. */
export function fixtureFolders(): readonly string[] {
  const folders = readdirSync(new URL('../fixtures', import.meta.url));
  return folders.filter((folder) => filesOf(folder).includes('expected.json'));
}

export interface Expected {
  readonly target: string | null;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

export function expectedOf(folder: string): Expected {
  return readFixture(`${folder}/expected.json`) as Expected;
}

/** Everything except ECS's own describe calls. */
const OTHERS = ['sts', 'iam', 'ec2', 'keys', 'logs', 's3', 'sessions', 'trail'] as const;

/** ECS answers from the folder; all other calls are denied, as for a caller with few permissions. */
export function portsOfFixture(folder: string): DoctorPorts {
  const answer = async (call: string, list: string) => {
    if (!filesOf(folder).includes(`${call}.json`)) throw denied(call);
    const content = Object(readFixture(`${folder}/${call}.json`));
    const items = Reflect.get(content, list);
    return Array.isArray(items) ? items[0] : items;
  };
  const ecs: EcsDetailsApi = {
    describeTaskDefinition: () => answer('describe-task-definition', 'taskDefinition'),
    describeCluster: () => answer('describe-clusters', 'clusters'),
    describeService: () => answer('describe-services', 'services'),
    describeContainerInstance: () => answer('describe-container-instances', 'containerInstances'),
    describeCapacityProvider: () => answer('describe-capacity-providers', 'capacityProviders'),
  };
  return doctorOfFewRights(ecs);
}

/** AWS for a caller with permission for these ECS calls only. */
export function doctorOfFewRights(ecs: Partial<EcsDetailsApi>): DoctorPorts {
  const refused = Object.fromEntries(OTHERS.map((name) => [name, async () => denyAll(name)]));
  const none: EcsDetailsApi = {
    describeTaskDefinition: () => Promise.reject(denied('ecs:DescribeTaskDefinition')),
    describeCluster: () => Promise.reject(denied('ecs:DescribeClusters')),
    describeService: () => Promise.reject(denied('ecs:DescribeServices')),
    describeContainerInstance: () => Promise.reject(denied('ecs:DescribeContainerInstances')),
    describeCapacityProvider: () => Promise.reject(denied('ecs:DescribeCapacityProviders')),
  };
  return { ...fakeDoctor({ ecs: { ...none, ...ecs } }), ...refused };
}

function denyAll(service: string): object {
  return new Proxy(
    {},
    {
      get: (_, call) =>
        call === 'then' ? undefined : () => Promise.reject(denied(`${service}:${String(call)}`)),
    },
  );
}

function denied(call: string): EcshError {
  return new EcshError('access-denied', `You may not ${call}.`);
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(new URL(`../fixtures/${folder}`, import.meta.url));
}
