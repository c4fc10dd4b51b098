import type {
  NetworkInterfaceDetails,
  RouteTableDetails,
  SecurityGroupDetails,
  SubnetDetails,
  VpcEndpointDetails,
} from '#domain/ports/ec2-responses.ts';
import { readFixture } from '#test/fakes/sample-task.ts';

export const routeTable = (name: string): RouteTableDetails => only(name, 'RouteTables');
export const subnet = (name: string): SubnetDetails => only(name, 'Subnets');
export const networkInterface = (name: string): NetworkInterfaceDetails =>
  only(name, 'NetworkInterfaces');
export const endpoints = (name: string): readonly VpcEndpointDetails[] => all(name, 'VpcEndpoints');
export const securityGroups = (name: string): readonly SecurityGroupDetails[] =>
  all(name, 'SecurityGroups');

function all<T>(name: string, list: string): readonly T[] {
  return Reflect.get(Object(readFixture(`network/${name}.json`)), list);
}

function only<T>(name: string, list: string): T {
  const [first] = all<T>(name, list);
  if (first === undefined) throw new Error(`${name} holds no ${list}`);
  return first;
}
