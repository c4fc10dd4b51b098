import { ApiError } from '#simulator/api/api-error.ts';
import type { QueryInput, QueryOperation } from '#simulator/api/query-input.ts';
import {
  type FleetEndpoint,
  type FleetNetwork,
  OPEN_POLICY,
} from '#simulator/fleet/fleet-network.ts';
import { ec2Id } from '#simulator/fleet/ids.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { endpointGroup, taskGroup, vpcId } from './network-ids.ts';

const HTTPS = 443;
const DONE = { Return: 'true' };

/** The EC2 operations that `ecsh doctor` suggests, as far as a simulated network supports them. */
export class Ec2ChangeOperations {
  readonly #inventory: Inventory;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  readonly operations: Readonly<Record<string, QueryOperation>> = {
    AuthorizeSecurityGroupEgress: (input) => this.#letOut(input),
    AuthorizeSecurityGroupIngress: (input) => this.#letIn(input),
    CreateVpcEndpoint: (input) => this.#createEndpoint(input),
    ModifyVpcEndpoint: (input) => this.#modifyEndpoint(input),
    ModifyVpcAttribute: (input) => this.#modifyVpc(input),
    CreateNetworkAclEntry: (input) => this.#addAclEntry(input),
  };

  /** Allows ports to all destinations, because a fleet file knows no other rules. */
  #letOut(input: QueryInput): object {
    const network = this.#find(
      (candidate) => taskGroup(candidate) === input.text('GroupId'),
      'InvalidGroup.NotFound',
    );
    const ports = input
      .places('IpPermissions')
      .map((place) => Number(input.text(`${place}.FromPort`)));
    this.#inventory.changeNetwork({
      ...network,
      egressPorts: network.egressPorts && [...network.egressPorts, ...ports],
    });
    return DONE;
  }

  #letIn(input: QueryInput): object {
    const group = input.text('GroupId');
    const admits = input
      .places('IpPermissions')
      .some((place) => Number(input.text(`${place}.FromPort`)) === HTTPS);
    const isOfEndpoint = (network: FleetNetwork, { service }: FleetEndpoint) =>
      endpointGroup(network, service) === group;
    const network = this.#find(
      (candidate) =>
        taskGroup(candidate) === group ||
        candidate.endpoints.some((endpoint) => isOfEndpoint(candidate, endpoint)),
      'InvalidGroup.NotFound',
    );
    this.#inventory.changeNetwork({
      ...network,
      admitsItself: network.admitsItself || (admits && taskGroup(network) === group),
      endpoints: network.endpoints.map((endpoint) =>
        admits && isOfEndpoint(network, endpoint) ? { ...endpoint, admitsTasks: true } : endpoint,
      ),
    });
    return DONE;
  }

  /** Its security group allows the tasks in if it is their own and allows its members. */
  #createEndpoint(input: QueryInput): object {
    const network = this.#find(
      (candidate) => vpcId(candidate) === input.text('VpcId'),
      'InvalidVpcId.NotFound',
    );
    const service = (input.text('ServiceName') ?? '').split('.').at(-1) ?? '';
    const groups = input.texts('SecurityGroupId');
    const endpoint: FleetEndpoint = {
      service,
      type: input.text('VpcEndpointType') ?? 'Gateway',
      state: 'available',
      privateDns: input.text('PrivateDnsEnabled') === 'true',
      admitsTasks: groups.includes(taskGroup(network)) && network.admitsItself,
      policy: OPEN_POLICY,
    };
    this.#inventory.changeNetwork({ ...network, endpoints: [...network.endpoints, endpoint] });
    const id = ec2Id('vpce', `${network.name}/${service}`);
    return { VpcEndpoint: { VpcEndpointId: id, VpcId: vpcId(network), State: 'available' } };
  }

  #modifyEndpoint(input: QueryInput): object {
    const id = input.text('VpcEndpointId');
    const isMeant = (network: FleetNetwork, { service }: FleetEndpoint) =>
      ec2Id('vpce', `${network.name}/${service}`) === id;
    const network = this.#find(
      (candidate) => candidate.endpoints.some((endpoint) => isMeant(candidate, endpoint)),
      'InvalidVpcEndpointId.NotFound',
    );
    const policy = input.text('PolicyDocument');
    const privateDns = input.text('PrivateDnsEnabled');
    const changes = {
      ...(policy === undefined ? {} : { policy: Object(JSON.parse(policy)) }),
      ...(privateDns === undefined ? {} : { privateDns: privateDns === 'true' }),
    };
    this.#inventory.changeNetwork({
      ...network,
      endpoints: network.endpoints.map((endpoint) =>
        isMeant(network, endpoint) ? { ...endpoint, ...changes } : endpoint,
      ),
    });
    return DONE;
  }

  #modifyVpc(input: QueryInput): object {
    const network = this.#find(
      (candidate) => vpcId(candidate) === input.text('VpcId'),
      'InvalidVpcID.NotFound',
    );
    const flag = (name: string, now: boolean) => {
      const text = input.text(`${name}.Value`);
      return text === undefined ? now : text === 'true';
    };
    this.#inventory.changeNetwork({
      ...network,
      dnsSupport: flag('EnableDnsSupport', network.dnsSupport),
      dnsHostnames: flag('EnableDnsHostnames', network.dnsHostnames),
    });
    return DONE;
  }

  /** Lifts the simulated deny if the new entry allows the same packets and has a lower number. */
  #addAclEntry(input: QueryInput): object {
    const network = this.#find(
      ({ name }) => ec2Id('acl', name) === input.text('NetworkAclId'),
      'InvalidNetworkAclID.NotFound',
    );
    const refused = input.text('Egress') === 'true' ? 'https' : 'answers';
    const isLifted =
      network.aclRefuses === refused &&
      input.text('RuleAction') === 'allow' &&
      Number(input.text('RuleNumber')) < ACL_REFUSAL;
    if (isLifted) this.#inventory.changeNetwork({ ...network, aclRefuses: undefined });
    return DONE;
  }

  #find(isMeant: (network: FleetNetwork) => boolean, code: string): FleetNetwork {
    const found = this.#inventory.networks.find(isMeant);
    if (found !== undefined) return found;
    throw new ApiError(code, 'The resource does not exist');
  }
}

/** Number of the rule that denies. */
export const ACL_REFUSAL = 50;
