import { type ClusterHome, clusterHome } from '#doctor/cluster-home.ts';
import type { HostEvidence, NetworkEvidence, SetupEvidence, TaskVpc } from '#doctor/evidence.ts';
import { chain, type Finding, known, knownValue, notAsked } from '#doctor/finding.ts';
import { AGENT_SERVICES, endpointsFor } from '#doctor/rules/endpoints.ts';
import { attachmentOf, taskGroupIds } from '#doctor/task-network.ts';
import type { Ec2Api } from '#domain/ports/doctor-ports.ts';
import type { SubnetDetails, VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import type { ContainerInstanceDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import type { Inquiry } from './inquiry.ts';

type AskEc2 = <T>(operation: string, call: (api: Ec2Api) => Promise<T>) => Promise<Finding<T>>;

/** Tier D. The subnet or the network interface names the VPC; the endpoints of the VPC add security groups to read. */
export async function gatherNetwork(
  { subject, ports, ask }: Inquiry,
  setup: SetupEvidence,
  host: HostEvidence,
): Promise<NetworkEvidence> {
  const { task } = subject;
  const askEc2: AskEc2 = (operation, call) =>
    ask(`ec2:${operation}`, async () => call(await ports.ec2()));
  const place = clusterHome(subject, setup);
  const subnetId = subnetIdOf(task, setup);
  const [subnet, networkInterface] = await Promise.all([
    chain(subnetId, (id) => askEc2('DescribeSubnets', (api) => api.describeSubnet(id))),
    chain(subnetId, () =>
      chain(interfaceIdOf(task), (id) =>
        askEc2('DescribeNetworkInterfaces', (api) => api.describeNetworkInterface(id)),
      ),
    ),
  ]);
  const vpc =
    subnet.kind === 'unknown'
      ? vpcBeside(subnet, subnetId, { networkInterface, setup, host })
      : ownVpc(subnet, place);
  const inVpc = { ...(await gatherVpc(vpc, askEc2)), networkInterface };
  const region = place?.region ?? '';
  const [securityGroups, dns] = await Promise.all([
    gatherGroups(taskGroupIds({ ...inVpc, ...host }), inVpc.endpoints, region, askEc2),
    gatherDns(vpc, inVpc.endpoints, region, askEc2),
  ]);
  return { subnet, vpc, ...inVpc, securityGroups, ...dns };
}

async function gatherVpc(vpc: Finding<TaskVpc>, askEc2: AskEc2) {
  const [routeTable, endpoints, networkAcls] = await Promise.all([
    chain(vpc, ({ subnetId, vpcId }) =>
      askEc2('DescribeRouteTables', (api) => api.describeRouteTable(subnetId, vpcId)),
    ),
    chain(vpc, ({ vpcId }) =>
      askEc2('DescribeVpcEndpoints', (api) => api.describeVpcEndpoints(vpcId)),
    ),
    chain(vpc, ({ vpcId }) =>
      askEc2('DescribeNetworkAcls', (api) => api.describeNetworkAcls(vpcId)),
    ),
  ]);
  return { routeTable, endpoints, networkAcls };
}

function gatherGroups(
  ofTask: Finding<readonly string[]>,
  endpoints: NetworkEvidence['endpoints'],
  region: string,
  askEc2: AskEc2,
): Promise<NetworkEvidence['securityGroups']> {
  return chain(ofTask, (ids) =>
    chain(endpoints, (list) => {
      const used = AGENT_SERVICES.flatMap((service) => endpointsFor(service, region, list));
      const ofEndpoints = used.flatMap(({ Groups = [] }) => Groups.flatMap((g) => g.GroupId ?? []));
      const all = [...new Set([...ids, ...ofEndpoints])];
      return askEc2('DescribeSecurityGroups', (api) => api.describeSecurityGroups(all));
    }),
  );
}

/** Reads the DNS attributes of the VPC, only if an endpoint that the agent uses has private names. */
async function gatherDns(
  vpc: Finding<TaskVpc>,
  endpoints: NetworkEvidence['endpoints'],
  region: string,
  askEc2: AskEc2,
): Promise<Pick<NetworkEvidence, 'dnsSupport' | 'dnsHostnames'>> {
  const ask = (attribute: 'enableDnsSupport' | 'enableDnsHostnames') =>
    chain(endpoints, (list) => {
      if (!hasPrivateNames(list, region))
        return notAsked('The agent uses no endpoint with private DNS.');
      return chain(vpc, ({ vpcId }) =>
        askEc2('DescribeVpcAttribute', (api) => api.describeVpcAttribute(vpcId, attribute)),
      );
    });
  const [dnsSupport, dnsHostnames] = await Promise.all([
    ask('enableDnsSupport'),
    ask('enableDnsHostnames'),
  ]);
  return { dnsSupport, dnsHostnames };
}

function hasPrivateNames(endpoints: readonly VpcEndpointDetails[], region: string): boolean {
  return AGENT_SERVICES.flatMap((service) => endpointsFor(service, region, endpoints)).some(
    ({ PrivateDnsEnabled }) => PrivateDnsEnabled === true,
  );
}

function interfaceIdOf(task: Task | undefined): Finding<string> {
  const id = attachmentOf(task)?.networkInterfaceId;
  return id === undefined ? notAsked('The task has no network interface of its own.') : known(id);
}

function subnetIdOf(task: Task | undefined, { containerInstance }: SetupEvidence): Finding<string> {
  if (task === undefined) return notAsked('There is no task.');
  if (task.launchType === 'EXTERNAL') {
    return notAsked('The task runs on external infrastructure, whose network AWS does not manage.');
  }
  const own = attachmentOf(task)?.subnetId;
  if (own !== undefined) return known(own);
  if (containerInstance.kind !== 'known') return containerInstance;
  const id = attributeOf(containerInstance.value, 'ecs.subnet-id');
  return id === undefined ? notAsked('ECS does not report the subnet.') : known(id);
}

function attributeOf(
  instance: ContainerInstanceDetails | undefined,
  wanted: string,
): string | undefined {
  return instance?.attributes?.find(({ name }) => name === wanted)?.value;
}

/** Returns `unknown` for a shared subnet: only the account that shares it can read its endpoints and routes. */
function ownVpc(
  subnet: Finding<SubnetDetails | undefined>,
  place: ClusterHome | undefined,
): Finding<TaskVpc> {
  if (subnet.kind !== 'known') return subnet;
  const { SubnetId: subnetId, VpcId: vpcId, OwnerId: owner } = subnet.value ?? {};
  if (subnetId === undefined || vpcId === undefined) {
    return { kind: 'unknown', reason: 'EC2 does not know the subnet of the task.' };
  }
  if (owner !== undefined && place !== undefined && owner !== place.account) {
    const reason = `Account ${owner} shares subnet ${subnetId}, and only that account can read its network.`;
    return { kind: 'unknown', reason };
  }
  return known({ subnetId, vpcId });
}

interface Neighbours {
  readonly networkInterface: NetworkEvidence['networkInterface'];
  readonly setup: SetupEvidence;
  readonly host: HostEvidence;
}

/** Finds the VPC from the network interface or the instance, for a caller without ec2:DescribeSubnets. */
function vpcBeside(
  subnet: Finding<SubnetDetails | undefined>,
  subnetId: Finding<string>,
  { networkInterface, setup, host }: Neighbours,
): Finding<TaskVpc> {
  const vpcId =
    knownValue(networkInterface)?.VpcId ??
    attributeOf(knownValue(setup.containerInstance), 'ecs.vpc-id') ??
    knownValue(host.instance)?.VpcId;
  const id = knownValue(subnetId);
  if (vpcId !== undefined && id !== undefined) return known({ subnetId: id, vpcId });
  return subnet.kind === 'known' ? notAsked('The VPC is not known.') : subnet;
}
