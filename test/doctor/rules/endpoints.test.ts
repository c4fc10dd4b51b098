import { describe, expect, it } from 'vitest';
import {
  type EndpointUse,
  endpointFaults,
  endpointsFor,
  isInterface,
} from '#doctor/rules/endpoints.ts';
import type { VpcEndpointDetails } from '#domain/ports/ec2-responses.ts';
import { endpoints } from '#test/doctor/checks/network-facts.ts';

const ROLE = 'arn:aws:iam::123456789012:role/app';
const USE: EndpointUse = {
  service: 'logs',
  actions: ['logs:DescribeLogGroups', 'logs:PutLogEvents'],
  resourceOf: () => undefined,
  roleArn: ROLE,
  family: 'IPv4',
  vpcId: undefined,
};
const named = (ServiceName: string): VpcEndpointDetails => ({ ServiceName });
const kinds = (endpoint: VpcEndpointDetails, use = USE) =>
  endpointFaults(endpoint, use).map(({ kind }) => kind);
const withPolicy = (...statements: object[]): VpcEndpointDetails => ({
  VpcEndpointType: 'Interface',
  PolicyDocument: JSON.stringify({ Statement: statements }),
});
const ALLOW = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };

describe('endpointsFor', () => {
  it.each([
    ['ssmmessages', 'com.amazonaws.us-east-1.ssmmessages'],
    ['kms', 'com.amazonaws.us-east-1.kms'],
    ['logs', 'com.amazonaws.us-east-1.logs'],
    ['s3', 'com.amazonaws.us-east-1.s3'],
  ] as const)('finds the endpoint for %s', (service, name) => {
    const found = endpointsFor(service, 'us-east-1', endpoints('vpc-endpoints-complete'));
    expect(found.map(({ ServiceName }) => ServiceName)).toEqual([name]);
  });

  it.each([
    ['cn.com.amazonaws.cn-north-1.ssmmessages', 'ssmmessages', 'cn-north-1', true],
    ['com.amazonaws.us-gov-west-1.kms-fips', 'kms', 'us-gov-west-1', true],
    ['com.amazonaws.us-east-1.ssm', 'ssmmessages', 'us-east-1', false],
    ['com.amazonaws.us-east-1.s3express', 's3', 'us-east-1', false],
    ['com.amazonaws.eu-west-1.kms', 'kms', 'us-east-1', false],
    ['notcom.amazonaws.us-east-1.kms', 'kms', 'us-east-1', false],
  ] as const)('matches %s to %s in %s: %s', (name, service, region, expected) => {
    expect(endpointsFor(service, region, [named(name)]).length > 0).toBe(expected);
  });
});

describe('isInterface', () => {
  it.each([
    ['Interface', true],
    ['interface', true],
    ['Gateway', false],
    ['GatewayLoadBalancer', false],
  ])('%s: %s', (VpcEndpointType, expected) => {
    expect(isInterface({ VpcEndpointType })).toBe(expected);
  });
});

describe('endpointFaults', () => {
  it('finds what is broken in the fixture', () => {
    const [messages, kms, logs] = endpoints('vpc-endpoints-ssmmessages-broken');
    expect(endpointFaults(messages ?? {}, { ...USE, service: 'ssmmessages', actions: [] })).toEqual(
      [{ kind: 'dns', text: 'has private DNS off' }],
    );
    expect(endpointFaults(kms ?? {}, { ...USE, service: 'kms', actions: ['kms:Decrypt'] })).toEqual(
      [{ kind: 'state', text: 'is pending' }],
    );
    expect(endpointFaults(logs ?? {}, USE)).toEqual([
      { kind: 'policy', text: 'has a policy that does not allow logs:DescribeLogGroups' },
    ]);
  });

  it('finds nothing in the complete fixture', () => {
    const all = endpoints('vpc-endpoints-complete');
    expect(all.flatMap((endpoint) => endpointFaults(endpoint, USE))).toEqual([]);
  });

  it('ignores the case of the state', () => {
    expect(kinds({ State: 'Available' })).toEqual([]);
    expect(kinds({ State: 'PendingAcceptance' })).toEqual(['state']);
  });

  it('reports an endpoint without addresses for an IPv6-only task', () => {
    expect(kinds({ IpAddressType: 'ipv4' }, { ...USE, family: 'IPv6' })).toEqual(['addresses']);
    expect(kinds({ IpAddressType: 'dualstack' }, { ...USE, family: 'IPv6' })).toEqual([]);
    expect(kinds({ IpAddressType: 'ipv4' })).toEqual([]);
  });

  it('does not require private DNS of a gateway endpoint', () => {
    expect(kinds({ VpcEndpointType: 'Gateway', PrivateDnsEnabled: false })).toEqual([]);
  });

  it.each<[string, object[], string[]]>([
    ['its account', [{ ...ALLOW, Principal: { AWS: '123456789012' } }], []],
    [
      'its account as root',
      [{ ...ALLOW, Principal: { AWS: 'arn:aws:iam::123456789012:root' } }],
      [],
    ],
    ['the role', [{ ...ALLOW, Principal: { AWS: ROLE } }], []],
    ['another role', [{ ...ALLOW, Principal: { AWS: `${ROLE}-2` } }], ['policy']],
    [
      'another role, as a condition',
      [{ ...ALLOW, Condition: { ArnEquals: { 'aws:PrincipalArn': `${ROLE}-2` } } }],
      ['policy'],
    ],
    [
      'a session of the role',
      [{ ...ALLOW, Principal: { AWS: 'arn:aws:sts::123456789012:assumed-role/app/x' } }],
      [],
    ],
    [
      'everybody but denies all other roles',
      [ALLOW, { ...ALLOW, Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: ROLE } }],
      [],
    ],
    ['another account', [{ ...ALLOW, Principal: { AWS: '210987654321' } }], ['policy']],
    [
      'everybody but denies it',
      [ALLOW, { ...ALLOW, Effect: 'Deny', Action: 'logs:*' }],
      ['policy'],
    ],
    [
      'everybody under a condition',
      [{ ...ALLOW, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
      [],
    ],
    ['nobody', [], ['policy']],
  ])('evaluates a policy that allows %s', (_name, statements, expected) => {
    expect(kinds(withPolicy(...statements))).toEqual(expected);
  });

  it('evaluates the resource if it is known', () => {
    const endpoint = withPolicy({ ...ALLOW, Resource: 'arn:aws:s3:::other/*' });
    expect(kinds(endpoint, { ...USE, resourceOf: () => 'arn:aws:s3:::mine/x.log' })).toEqual([
      'policy',
    ]);
  });
});
