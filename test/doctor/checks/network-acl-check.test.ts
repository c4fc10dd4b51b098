import { describe, expect, it } from 'vitest';
import { primaryOf } from '#doctor/primary.ts';
import type { NetworkAclDetails, NetworkAclEntryDetails } from '#domain/ports/ec2-responses.ts';
import { denied, diagnosisOf, OPEN_ACLS, type World } from '#test/fakes/doctor-world.ts';
import { endpoints } from './network-facts.ts';

const SUBNET = 'subnet-0aaa1111bbbb2222c';
const OPEN = OPEN_ACLS[0]?.Entries ?? [];
const deny = (Egress: boolean, From: number, To: number): NetworkAclEntryDetails => ({
  RuleNumber: 50,
  RuleAction: 'deny',
  Protocol: '6',
  Egress,
  CidrBlock: '0.0.0.0/0',
  PortRange: { From, To },
});
const acl = (
  id: string,
  subnet: string,
  ...first: NetworkAclEntryDetails[]
): NetworkAclDetails => ({
  NetworkAclId: id,
  Associations: [{ SubnetId: subnet }],
  Entries: [...first, ...OPEN],
});
const network = (acls: readonly NetworkAclDetails[], list: object[] = []): World => ({
  answers: {
    ec2: { describeNetworkAcls: async () => acls, describeVpcEndpoints: async () => list },
  },
});
/** The endpoints, in a different subnet from the task's. */
const ELSEWHERE = endpoints('vpc-endpoints-complete').map((endpoint) => ({
  ...endpoint,
  SubnetIds: ['subnet-b'],
}));
const SAME = [...endpoints('vpc-endpoints-complete')];

describe('network-acls', () => {
  it.each<[string, World, string, RegExp]>([
    ['passes for the default rules', {}, 'pass', /acl-1 lets TCP 443 out and responses in\.$/],
    [
      'fails if TCP 443 is not allowed out',
      network([acl('acl-1', SUBNET, deny(true, 443, 443))]),
      'fail',
      /^Network ACL acl-1 does not let TCP 443 out of subnet subnet-0aaa1111bbbb2222c\.$/,
    ],
    [
      'fails if responses are not allowed in',
      network([acl('acl-1', SUBNET, deny(false, 1_024, 65_535))]),
      'fail',
      /^Network ACL acl-1 does not let responses to ports 32768-60999 into subnet/,
    ],
    [
      'ignores traffic within the subnet',
      network([acl('acl-1', SUBNET, deny(true, 443, 443))], SAME),
      'pass',
      /acl-1/,
    ],
    [
      "checks the endpoint's subnet too",
      network([acl('acl-1', SUBNET), acl('acl-b', 'subnet-b', deny(false, 443, 443))], ELSEWHERE),
      'fail',
      /^Network ACL acl-b does not let TCP 443 into subnet subnet-b\.$/,
    ],
    [
      "checks responses that leave the endpoint's subnet",
      network([acl('acl-1', SUBNET), acl('acl-b', 'subnet-b', deny(true, 0, 65_535))], ELSEWHERE),
      'fail',
      /^Network ACL acl-b does not let responses to ports 32768-60999 out of subnet subnet-b\.$/,
    ],
    [
      'is unknown if a rule covers only some addresses',
      network([acl('acl-1', SUBNET, { ...deny(true, 443, 443), CidrBlock: '52.0.0.0/8' })]),
      'unknown',
      /^ecsh cannot tell whether network ACL .*: its rules allow some addresses or ports/,
    ],
    ['is unknown if EC2 returns no network ACL', network([]), 'unknown', /does not show/],
    [
      'names the missing permission',
      { answers: { ec2: { describeNetworkAcls: denied } } },
      'unknown',
      /ec2:DescribeNetworkAcls/,
    ],
  ])('%s', async (_name, world, status, message) => {
    const { of, isReady } = await diagnosisOf(world);
    const found = of('network-acls');
    expect(found).toMatchObject({ status, message: expect.stringMatching(message) });
    expect(isReady).toBe(status !== 'fail');
  });

  it('comes first, and its fix inserts a rule ahead of the one that denies', async () => {
    const { results } = await diagnosisOf(network([acl('acl-1', SUBNET, deny(true, 443, 443))]));
    expect(primaryOf(results)).toMatchObject({
      id: 'network-acls',
      fix: {
        command:
          'aws ec2 create-network-acl-entry --network-acl-id acl-1 --egress --rule-number 49 --rule-action allow --protocol tcp --port-range From=443,To=443 --cidr-block 0.0.0.0/0',
      },
    });
  });
});
