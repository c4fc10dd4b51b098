import { diagnose } from '#doctor/diagnose.ts';
import { AREAS, type Area } from '#doctor/evidence.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { DoctorPorts, IamApi } from '#domain/ports/doctor-ports.ts';
import type {
  ClusterDetails,
  ContainerInstanceDetails,
  TaskDefinitionDetails,
} from '#domain/ports/ecs-responses.ts';
import type { Evaluation, RoleDetails, SimulationRequest } from '#domain/ports/iam-responses.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import type { Task } from '#domain/resolve/task.ts';
import {
  endpoints,
  networkInterface,
  routeTable,
  subnet,
} from '#test/doctor/checks/network-facts.ts';
import { type FakeDoctorAnswers, fakeDoctor } from './fake-doctor.ts';
import { ManualClock } from './manual-clock.ts';
import { clusterArn, readFixture, sampleTask } from './sample-task.ts';

export const TASK_ROLE = 'arn:aws:iam::123456789012:role/app-task-role';
export const CALLER = 'arn:aws:iam::123456789012:user/team/jane';
export const KEY_ID = '11111111-2222-3333-4444-555555555555';
export const KEY = `arn:aws:kms:us-east-1:123456789012:key/${KEY_ID}`;

export const NETWORK_INTERFACE = {
  type: 'ElasticNetworkInterface',
  details: {
    networkInterfaceId: 'eni-0123abcd4567ef890',
    subnetId: 'subnet-0aaa1111bbbb2222c',
    privateIPv4Address: '10.0.12.34',
  },
};

/** In its own network, behind Service Connect's attachment. */
export const TASK = sampleTask('a1', {
  attachments: [{ type: 'Service Connect', details: {} }, NETWORK_INTERFACE],
});

const DEFINITION: TaskDefinitionDetails = {
  taskRoleArn: TASK_ROLE,
  executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
  networkMode: 'awsvpc',
  containerDefinitions: [
    { name: 'app', linuxParameters: { initProcessEnabled: true }, image: 'app:1' },
  ],
};

export const EC2_TASK = sampleTask('a1', {
  launchType: 'EC2',
  platformVersion: undefined,
  containerInstanceArn: 'arn:aws:ecs:us-east-1:123456789012:container-instance/prod/c1',
});

const INSTANCE: ContainerInstanceDetails = {
  ec2InstanceId: 'i-1',
  status: 'ACTIVE',
  agentConnected: true,
  versionInfo: { agentVersion: '1.99.0' },
  attributes: [
    { name: 'ecs.subnet-id', value: 'subnet-0aaa1111bbbb2222c' },
    { name: 'ecs.ami-id', value: 'ami-1' },
  ],
};

/** Groups of the task and of the endpoints that allow port 443. */
export const OPEN_GROUPS = [
  {
    GroupId: 'sg-0task1111111111111',
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  },
  {
    GroupId: 'sg-0endpoint111111111',
    IpPermissions: [
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
    ],
  },
];

export function roleIn(name: string): RoleDetails {
  return Reflect.get(Object(readFixture(`iam-simulate/${name}.json`)), 'Role');
}

/** `cluster-logging/NAME.json` as the configuration of prod. */
export function clusterIn(name: string): ClusterDetails {
  const [found] = Reflect.get(Object(readFixture(`cluster-logging/${name}.json`)), 'clusters');
  return { ...found, clusterName: 'prod', clusterArn: clusterArn('prod') };
}

/** The results of a simulation for actions and resources that contain a text; the rest is allowed. */
export type Rule = readonly [about: string, changes: Partial<Evaluation>];
export const DENIED: Partial<Evaluation> = { EvalDecision: 'implicitDeny' };
export const EXPLICIT: Partial<Evaluation> = {
  EvalDecision: 'explicitDeny',
  MatchedStatements: [{ SourcePolicyId: 'deny-it' }],
};
export const BY_BOUNDARY: Partial<Evaluation> = {
  ...DENIED,
  PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
};
export const BY_SCP: Partial<Evaluation> = {
  ...DENIED,
  OrganizationsDecisionDetail: { AllowedByOrganizations: false },
};

/** A rule may also name the principal: `PRINCIPAL ACTION RESOURCE` is what it is looked for in. */
export function simulator(...rules: readonly Rule[]): IamApi['simulate'] {
  return async ({ PolicySourceArn, ActionNames, ResourceArns }) =>
    ActionNames.flatMap((action) =>
      ResourceArns.map((resource): Evaluation => {
        const text = `${PolicySourceArn} ${action} ${resource}`;
        const rule = rules.find(([about]) => new RegExp(about).test(text));
        const base = { EvalActionName: action, EvalResourceName: resource };
        return { ...base, EvalDecision: 'allowed', ...rule?.[1] };
      }),
    );
}

/** The answer for a caller without the permission. */
export function denied(): Promise<never> {
  return Promise.reject(new EcshError('access-denied', 'You may not.'));
}

const EVERYTHING = { RuleNumber: 100, Protocol: '-1', RuleAction: 'allow', CidrBlock: '0.0.0.0/0' };
const EVERYTHING_IPV6 = {
  RuleNumber: 101,
  Protocol: '-1',
  RuleAction: 'allow',
  Ipv6CidrBlock: '::/0',
};

/** The default network ACL of a VPC. */
export const OPEN_ACLS = [
  {
    NetworkAclId: 'acl-1',
    Associations: [{ SubnetId: 'subnet-0aaa1111bbbb2222c' }, { SubnetId: 'subnet-1' }],
    Entries: [EVERYTHING, EVERYTHING_IPV6].flatMap((rule) => [
      { ...rule, Egress: true },
      { ...rule, Egress: false },
    ]),
  },
];

/** The default policy of a KMS key: IAM decides. */
export const KEY_POLICY = JSON.stringify({
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** All of AWS as seen by a ready task in a private subnet with endpoints and NAT. */
export function answersOf(world: World): FakeDoctorAnswers {
  const { answers = {} } = world;
  return {
    ecs: {
      describeTaskDefinition: async () => world.definition ?? DEFINITION,
      describeCluster: async () => world.cluster ?? clusterIn('none'),
      describeService: async () => ({ enableExecuteCommand: true, deployments: [] }),
      describeContainerInstance: async () => INSTANCE,
      ...answers.ecs,
    },
    sts: {
      getCallerIdentity: async () => ({ Account: '123456789012', Arn: CALLER }),
      ...answers.sts,
    },
    iam: {
      getRole: async () => roleIn('get-role-trust-ok'),
      // The defaults of a properly restricted caller, who cannot bypass the log.
      simulate: simulator(...(world.rules ?? []), ['ssm:StartSession', DENIED]),
      ...answers.iam,
    },
    ec2: {
      describeSubnet: async () => subnet('subnet-own'),
      describeRouteTable: async () => routeTable('route-nat'),
      describeNetworkInterface: async () => networkInterface('eni-private'),
      describeVpcEndpoints: async () => endpoints('vpc-endpoints-complete'),
      describeNetworkAcls: async () => OPEN_ACLS,
      describeSecurityGroups: async () => OPEN_GROUPS,
      describeVpcAttribute: async () => true,
      describeInstance: async () => ({ InstanceId: 'i-1' }),
      describeImage: async () => undefined,
      ...answers.ec2,
    },
    keys: { getKeyPolicy: async () => KEY_POLICY, ...answers.keys },
    logs: { ...answers.logs },
    s3: { ...answers.s3 },
    sessions: { describeSessions: async () => [], ...answers.sessions },
    trail: { lookupExecEvents: async () => [], ...answers.trail },
    local: { ...answers.local },
  };
}

export interface World {
  readonly task?: Task | undefined;
  /** The service of the task: `web` by default. */
  readonly service?: string | undefined;
  readonly definition?: TaskDefinitionDetails;
  readonly cluster?: ClusterDetails;
  /** First those that differ. */
  readonly rules?: readonly Rule[];
  readonly answers?: FakeDoctorAnswers;
  readonly areas?: readonly Area[];
  readonly isTerminal?: boolean;
  /** All tasks of the service, if the service is checked. */
  readonly siblings?: readonly Task[];
}

export interface Diagnosed {
  readonly isReady: boolean;
  readonly results: readonly CheckResult[];
  readonly of: (id: string) => CheckResult;
  readonly calls: readonly string[];
  readonly simulations: readonly SimulationRequest[];
}

export async function diagnosisOf(world: World = {}): Promise<Diagnosed> {
  const calls: string[] = [];
  const simulations: SimulationRequest[] = [];
  const { isReady, results } = await diagnose({
    subject: {
      task: 'task' in world ? world.task : TASK,
      cluster: 'prod',
      service: 'service' in world ? world.service : 'web',
      siblings: world.siblings,
    },
    areas: new Set(world.areas ?? AREAS.filter((area) => area !== 'sessions')),
    ports: recorded(fakeDoctor(answersOf(world)), calls, simulations),
    clock: new ManualClock(),
    isTerminal: world.isTerminal ?? true,
  });
  const of = (id: string) => {
    const found = results.find((result) => result.id === id);
    if (found === undefined) throw new Error(`No check ${id}.`);
    return found;
  };
  return { isReady, results, of, calls, simulations };
}

function recorded(
  ports: DoctorPorts,
  calls: string[],
  simulations: SimulationRequest[],
): DoctorPorts {
  const wrap = (api: object) =>
    Object.fromEntries(
      Object.entries(api).map(([name, call]) => [
        name,
        (...args: unknown[]) => {
          calls.push(name);
          if (name === 'simulate') simulations.push(args[0] as SimulationRequest);
          return call(...args);
        },
      ]),
    );
  const entries = Object.entries(ports).map(([name, port]) => [
    name,
    async () => (name === 'local' ? port() : wrap(await port())),
  ]);
  return Object.fromEntries(entries);
}
