import { ApiError } from '#simulator/api/api-error.ts';
import type { QueryInput, QueryOperation } from '#simulator/api/query-input.ts';
import type { Inventory } from '#simulator/fleet/inventory.ts';
import { type Ec2Record, NetworkMap } from './network-map.ts';

interface Listing {
  /** Name of the list in the response. */
  readonly key: string;
  readonly records: readonly Ec2Record[];
  /** Parameter that lists ids, and the error for an unknown one. */
  readonly id: string;
  readonly missing: (id: string) => ApiError;
  /** Path of each filter's value in a record. */
  readonly filters: Readonly<Record<string, string>>;
}

/** The EC2 operations that show the network of a task. */
export class Ec2Operations {
  readonly #map: NetworkMap;

  constructor(inventory: Inventory) {
    this.#map = new NetworkMap(inventory);
  }

  readonly operations: Readonly<Record<string, QueryOperation>> = {
    DescribeSubnets: (input) =>
      list(input, {
        key: 'Subnets',
        records: this.#map.subnets,
        id: 'SubnetId',
        missing: notFound('InvalidSubnetID.NotFound', 'subnet ID'),
        filters: { 'subnet-id': 'SubnetId', 'vpc-id': 'VpcId' },
      }),
    DescribeRouteTables: (input) =>
      list(input, {
        key: 'RouteTables',
        records: this.#map.routeTables,
        id: 'RouteTableId',
        missing: notFound('InvalidRouteTableID.NotFound', 'routeTable ID'),
        filters: {
          'association.subnet-id': 'Associations.SubnetId',
          'association.main': 'Associations.Main',
          'vpc-id': 'VpcId',
        },
      }),
    DescribeNetworkInterfaces: (input) =>
      list(input, {
        key: 'NetworkInterfaces',
        records: this.#map.networkInterfaces,
        id: 'NetworkInterfaceId',
        missing: notFound('InvalidNetworkInterfaceID.NotFound', 'networkInterface ID'),
        filters: { 'subnet-id': 'SubnetId', 'vpc-id': 'VpcId' },
      }),
    DescribeNetworkAcls: (input) =>
      list(input, {
        key: 'NetworkAcls',
        records: this.#map.networkAcls,
        id: 'NetworkAclId',
        missing: notFound('InvalidNetworkAclID.NotFound', 'networkAcl ID'),
        filters: { 'association.subnet-id': 'Associations.SubnetId', 'vpc-id': 'VpcId' },
      }),
    DescribeVpcEndpoints: (input) =>
      list(input, {
        key: 'VpcEndpoints',
        records: this.#map.endpoints,
        id: 'VpcEndpointId',
        missing: notFound('InvalidVpcEndpointId.NotFound', 'Vpc Endpoint Id'),
        filters: { 'vpc-id': 'VpcId', 'service-name': 'ServiceName' },
      }),
    DescribeSecurityGroups: (input) =>
      list(input, {
        key: 'SecurityGroups',
        records: this.#map.securityGroups,
        id: 'GroupId',
        missing: notFound('InvalidGroup.NotFound', 'security group'),
        filters: { 'group-id': 'GroupId', 'vpc-id': 'VpcId' },
      }),
    DescribeInstances: (input) => this.#describeInstances(input),
    DescribeImages: (input) =>
      list(input, {
        key: 'Images',
        records: this.#map.images,
        id: 'ImageId',
        missing: (id) =>
          new ApiError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`),
        filters: { 'image-id': 'ImageId', name: 'Name' },
      }),
    DescribeVpcAttribute: (input) => this.#describeVpcAttribute(input),
  };

  #describeInstances(input: QueryInput): object {
    const { Instances } = list(input, {
      key: 'Instances',
      records: this.#map.instances,
      id: 'InstanceId',
      missing: notFound('InvalidInstanceID.NotFound', 'instance ID'),
      filters: { 'instance-id': 'InstanceId', 'subnet-id': 'SubnetId', 'vpc-id': 'VpcId' },
    });
    const reservations = (Instances ?? []).map((instance) => ({
      ReservationId: String(instance.InstanceId).replace(/^i/, 'r'),
      Instances: [instance],
    }));
    return { Reservations: reservations };
  }

  #describeVpcAttribute(input: QueryInput): object {
    const id = input.text('VpcId') ?? '';
    const attribute = input.text('Attribute') ?? '';
    const vpc = this.#map.vpcs.find(({ VpcId }) => VpcId === id);
    if (vpc === undefined) throw notFound('InvalidVpcID.NotFound', 'vpc ID')(id);
    if (!['enableDnsSupport', 'enableDnsHostnames'].includes(attribute)) {
      throw new ApiError(
        'InvalidParameterValue',
        `Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`,
      );
    }
    return { VpcId: id, [attribute]: { Value: vpc[attribute] } };
  }
}

function list(input: QueryInput, listing: Listing): Readonly<Record<string, readonly Ec2Record[]>> {
  const { key, records, id, missing, filters } = listing;
  const ids = input.texts(id);
  const absent = ids.find((wanted) => records.every((record) => record[id] !== wanted));
  if (absent !== undefined) throw missing(absent);
  const conditions = input.places('Filter').map((place) => {
    const name = input.text(`${place}.Name`) ?? '';
    const path = filters[name];
    if (path === undefined) {
      throw new ApiError('InvalidParameterValue', `The filter '${name}' is invalid`);
    }
    return { path, values: input.texts(`${place}.Value`) };
  });
  const found = records
    .filter((record) => ids.length === 0 || ids.includes(String(record[id])))
    .filter((record) =>
      conditions.every(({ path, values }) =>
        valuesAt(record, path).some((value) => values.includes(value)),
      ),
    );
  return { [key]: found };
}

/** Values at a path such as `Associations.SubnetId`: one string per association. */
function valuesAt(value: unknown, path: string): readonly string[] {
  if (path === '') return value === undefined ? [] : [String(value)];
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (typeof value !== 'object' || value === null) return [];
  const [name = '', ...rest] = path.split('.');
  return valuesAt(Reflect.get(value, name), rest.join('.'));
}

function notFound(code: string, kind: string): (id: string) => ApiError {
  return (id) => new ApiError(code, `The ${kind} '${id}' does not exist`);
}
