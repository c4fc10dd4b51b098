import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { startFixtureServer } from '#test/helpers/fixture-server.ts';
import { assertBuilt, ECSH, Program } from '#test/helpers/program.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const TASK = 'prod/0f9de17a6465404e8b1b2356dc13c2f8';

const NETWORK = {
  'describe-subnets': 'network/subnet-own',
  'describe-network-interfaces': 'network/eni-private',
  'describe-route-tables': 'network/route-nat',
  'describe-vpc-endpoints': 'network/vpc-endpoints-complete',
};
const ISOLATED = { ...NETWORK, 'describe-route-tables': 'network/route-isolated-main' };

beforeAll(assertBuilt);

it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
  [
    'a private subnet with NAT and endpoints',
    NETWORK,
    { 'subnet-owner': 'pass', 'egress-route': 'pass', 'vpce-ssmmessages': 'pass' },
  ],
  [
    'a shared subnet',
    { ...NETWORK, 'describe-subnets': 'network/subnet-shared' },
    { 'subnet-owner': 'info', 'egress-route': 'unknown', 'vpce-ssmmessages': 'unknown' },
  ],
  [
    'no route, and no endpoint for ssmmessages',
    { ...ISOLATED, 'describe-vpc-endpoints': 'network/vpc-endpoints-no-ssmmessages' },
    { 'egress-route': 'fail', 'vpce-ssmmessages': 'fail' },
  ],
  [
    'no route, and unusable endpoints',
    { ...ISOLATED, 'describe-vpc-endpoints': 'network/vpc-endpoints-ssmmessages-broken' },
    { 'egress-route': 'warn', 'vpce-usable': 'fail' },
  ],
  [
    'no route, and closed security groups',
    { ...ISOLATED, 'describe-security-groups': 'network/sg-no-egress' },
    { 'egress-route': 'pass', 'security-groups': 'fail' },
  ],
  [
    'a default route to Cloud WAN, and no endpoint for ssmmessages',
    {
      ...NETWORK,
      'describe-route-tables': 'network/route-cloud-wan',
      'describe-vpc-endpoints': 'network/vpc-endpoints-no-ssmmessages',
    },
    { 'egress-route': 'pass', 'vpce-ssmmessages': 'warn' },
  ],
  [
    'routes only to a hub',
    {
      ...NETWORK,
      'describe-route-tables': 'network/route-hub-only',
      'describe-vpc-endpoints': 'network/vpc-endpoints-no-ssmmessages',
    },
    { 'egress-route': 'warn', 'vpce-ssmmessages': 'warn' },
  ],
  [
    'NAT, and a logs endpoint whose policy denies what encrypted logs need',
    { ...NETWORK, 'describe-vpc-endpoints': 'network/vpc-endpoints-ssmmessages-broken' },
    { 'egress-route': 'pass', 'vpce-usable': 'fail' },
  ],
  [
    'an internet gateway without a public address, and no endpoint',
    {
      ...NETWORK,
      'describe-route-tables': 'network/route-igw',
      'describe-vpc-endpoints': 'network/vpc-endpoints-no-ssmmessages',
    },
    { 'public-ip': 'fail' },
  ],
  [
    'a key and a log group',
    {
      'describe-key': 'destinations/kms-enabled',
      'describe-log-groups': 'destinations/log-group-encrypted',
    },
    { 'kms-key-usable': 'pass', 'log-group-exists': 'pass', 'log-group-encrypted': 'pass' },
  ],
  [
    'a key scheduled for deletion, and a log group without encryption',
    {
      'describe-key': 'destinations/kms-pending-deletion',
      'describe-log-groups': 'destinations/log-group-plain-and-prefix-sibling',
    },
    { 'kms-key-usable': 'fail', 'log-group-exists': 'pass', 'log-group-encrypted': 'fail' },
  ],
  [
    'two open sessions',
    { 'describe-sessions': 'destinations/sessions-active-two' },
    { 'session-limit': 'warn' },
  ],
  [
    'a role that tasks cannot assume',
    { 'get-role': 'iam-simulate/get-role-trust-wrong' },
    { 'task-role-trust': 'fail' },
  ],
  [
    'a role with its permissions',
    {
      'get-role': 'iam-simulate/get-role-trust-ok',
      'simulate-principal-policy': 'iam-simulate/allowed',
    },
    { 'task-role-trust': 'pass', 'task-role-ssmmessages': 'pass' },
  ],
  [
    'a role that a permissions boundary restricts',
    {
      'get-role': 'iam-simulate/get-role-trust-wrong',
      'simulate-principal-policy': 'iam-simulate/blocked-by-boundary',
    },
    { 'task-role-ssmmessages': 'fail', 'permissions-boundary': 'fail' },
  ],
])('doctor on %s', async (_name, answers, expected) => {
  const folder = temporaryFolder('account');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(FIXTURES, 'fargate-ready-sidecars'), folder, { recursive: true });
  for (const [call, source] of Object.entries(answers)) {
    copyFileSync(join(FIXTURES, `${source}.json`), join(folder, `${call}.json`));
  }
  const aws = await startFixtureServer(folder);
  onTestFinished(() => aws.close());
  const words = [...ECSH, 'doctor', '--json', '--sessions', TASK];
  const { stdout } = await new Program(words, { env: aws.environment }).finished;
  const checks: { id: string; status: string }[] = JSON.parse(stdout).checks;
  const found = checks.filter(({ id }) => id in expected);
  expect(Object.fromEntries(found.map(({ id, status }) => [id, status]))).toEqual(expected);
});
