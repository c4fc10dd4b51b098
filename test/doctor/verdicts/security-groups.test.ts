import { describe, expect, it } from 'vitest';
import {
  type Ec2Answers,
  groups,
  https,
  ipv4,
  NAT,
  NO_ROUTE,
  network,
  to,
} from '#test/fakes/doctor-network.ts';
import { verdictOf } from '#test/fakes/doctor-verdict.ts';
import { diagnosisOf } from '#test/fakes/doctor-world.ts';

describe('security groups', () => {
  const OUT = [ipv4('0.0.0.0/0')];
  it.each<[string, Ec2Answers, string]>([
    [
      'out to the group of the endpoint',
      groups([https({ UserIdGroupPairs: [{ GroupId: 'sg-0endpoint111111111' }] })]),
      'ready: -',
    ],
    [
      'out to another group',
      groups([https({ UserIdGroupPairs: [{ GroupId: 'sg-other' }] })]),
      'not ready: security-groups',
    ],
    [
      'out to a prefix list',
      groups([https({ PrefixListIds: [{ PrefixListId: 'pl-1' }] })]),
      'ready: -',
    ],
    ['out to the VPC', groups([ipv4('10.0.0.0/16')]), 'ready: -'],
    [
      'out to one public block, no route',
      groups([ipv4('52.0.0.0/8')]),
      'not ready: security-groups',
    ],
    [
      'out on all protocols',
      groups([{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]),
      'ready: -',
    ],
    [
      'out on ports 0 to 65535',
      groups([
        { IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ]),
      'ready: -',
    ],
    [
      'out on ports 80 to 442',
      groups([
        { IpProtocol: 'tcp', FromPort: 80, ToPort: 442, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ]),
      'not ready: security-groups',
    ],
    [
      'out on protocol 6',
      groups([
        { IpProtocol: '6', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ]),
      'ready: -',
    ],
    [
      'in from the group of the task',
      groups(OUT, [https({ UserIdGroupPairs: [{ GroupId: 'sg-0task1111111111111' }] })]),
      'ready: -',
    ],
    [
      'in from another group',
      groups(OUT, [https({ UserIdGroupPairs: [{ GroupId: 'sg-other' }] })]),
      'not ready: security-groups',
    ],
    ['in from another block', groups(OUT, [ipv4('172.16.0.0/12')]), 'not ready: security-groups'],
    ['in from everywhere', groups(OUT, [ipv4('0.0.0.0/0')]), 'ready: -'],
    [
      'in from a prefix list',
      groups(OUT, [https({ PrefixListIds: [{ PrefixListId: 'pl-1' }] })]),
      'ready: -',
    ],
    [
      'in on a wide range of ports',
      groups(OUT, [
        { IpProtocol: 'tcp', FromPort: 1, ToPort: 1000, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      ]),
      'ready: -',
    ],
    ['nothing in', groups(OUT, []), 'not ready: security-groups'],
    ['nothing out', groups([]), 'not ready: security-groups'],
  ])('%s', async (_name, ec2, expected) => {
    expect(await verdictOf(network({ ec2 }))).toBe(expected);
  });
});

it('a group that allows both halves of IPv4 out allows everything out', async () => {
  const { of } = await diagnosisOf(
    network({
      routes: [...NO_ROUTE, to('0.0.0.0/0', NAT)],
      list: [],
      ec2: groups([ipv4('0.0.0.0/1', '128.0.0.0/1')]),
    }),
  );
  expect(of('security-groups').status).toBe('pass');
});
