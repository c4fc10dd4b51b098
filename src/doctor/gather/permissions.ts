import type {
  DestinationEvidence,
  HostEvidence,
  PermissionEvidence,
  SetupEvidence,
} from '#doctor/evidence.ts';
import { chain, type Finding, known, knownValue, notAsked } from '#doctor/finding.ts';
import { principalOf } from '#doctor/principal.ts';
import { agentRoleArn, canFallBack, taskRoleArn } from '#doctor/roles.ts';
import { nameInArn, parseArn } from '#domain/resolve/arn.ts';
import { gatherCallerRights } from './caller-rights.ts';
import type { Inquiry } from './inquiry.ts';
import { gatherRoleRights } from './role-rights.ts';
import type { PermissionGround } from './simulate.ts';

const SERVICE_LINKED_ROLE = 'AWSServiceRoleForECS';

/** Facts that were gathered earlier. */
type Start = SetupEvidence &
  Pick<HostEvidence, 'instance'> &
  Pick<DestinationEvidence, 'key' | 'bucketEncryption' | 'isForeignBucket'> &
  Pick<PermissionEvidence, 'caller'>;

type Gathered = Omit<PermissionEvidence, 'caller'> & Pick<DestinationEvidence, 'keyPolicy'>;

/** Tier C, and the key policy, which decides whether IAM counts. */
export async function gatherPermissions(inquiry: Inquiry, start: Start): Promise<Gathered> {
  const [callerPrincipal, taskRole, serviceLinkedRole, instanceRoles] = await Promise.all([
    gatherPrincipal(inquiry, start.caller),
    gatherTaskRole(inquiry, start),
    role(inquiry, SERVICE_LINKED_ROLE),
    gatherInstanceRoles(inquiry, start),
  ]);
  const roles = { callerPrincipal, taskRole, instanceRoles };
  const ground = { ...start, ...roles };
  const [callerRights, roleRights, keyPolicy] = await Promise.all([
    gatherCallerRights(inquiry, ground),
    gatherRoleRights(inquiry, ground, agentRole(inquiry, ground)),
    gatherKeyPolicy(inquiry, start.key),
  ]);
  return { ...roles, serviceLinkedRole, ...callerRights, ...roleRights, keyPolicy };
}

/** GetCallerIdentity needs no permission. */
export function gatherCaller({ ports, ask }: Inquiry): Promise<PermissionEvidence['caller']> {
  return ask('sts:GetCallerIdentity', async () => (await ports.sts()).getCallerIdentity());
}

async function gatherPrincipal(
  inquiry: Inquiry,
  caller: PermissionEvidence['caller'],
): Promise<PermissionEvidence['callerPrincipal']> {
  return chain(caller, async ({ Arn = '' }): Promise<Finding<string>> => {
    const principal = principalOf(Arn);
    if (principal.kind === 'arn') return known(principal.arn);
    if (principal.kind === 'none') return unknown(`Not simulated: ${principal.why}.`);
    return chain(await role(inquiry, principal.name), (details) =>
      details?.Arn === undefined
        ? unknown(`Not simulated: role ${principal.name} does not exist.`)
        : known(details.Arn),
    );
  });
}

function role({ ports, ask }: Inquiry, name: string) {
  return ask('iam:GetRole', async () => (await ports.iam()).getRole(name));
}

async function gatherTaskRole(
  inquiry: Inquiry,
  start: Start,
): Promise<PermissionEvidence['taskRole']> {
  return chain(taskRoleArn(inquiry.subject, start), (arn) =>
    isForeign(arn, start)
      ? notAsked(`Role ${arn} is of another account.`)
      : role(inquiry, nameInArn(arn)),
  );
}

async function gatherInstanceRoles(
  { subject, ports, ask }: Inquiry,
  start: Start,
): Promise<PermissionEvidence['instanceRoles']> {
  if (taskRoleArn(subject, start).kind !== 'not-asked') return notAsked('The task has a role.');
  if (!canFallBack(subject)) return notAsked('Not on an EC2 instance.');
  return chain(start.instance, (details) => {
    if (details === undefined) return unknown('EC2 does not know the instance of the task.');
    const profile = details.IamInstanceProfile?.Arn;
    if (profile === undefined) return known([]);
    return ask('iam:GetInstanceProfile', async () =>
      (await ports.iam()).instanceProfileRoles(nameInArn(profile)),
    );
  });
}

/** The role to simulate, or why it cannot be simulated. */
function agentRole({ subject }: Inquiry, ground: PermissionGround): Finding<string> {
  const role = agentRoleArn(subject, ground);
  if (role.kind !== 'known') return role;
  if (isForeign(role.value, ground)) {
    return unknown(`Role ${role.value} is of another account, so it cannot be simulated.`);
  }
  const { taskRole } = ground;
  if (taskRole.kind === 'known' && taskRole.value === undefined) {
    return notAsked(`Role ${nameInArn(role.value)} does not exist.`);
  }
  return role;
}

/** IAM simulates only roles of the caller's own account. */
function isForeign(roleArn: string, { caller }: Pick<Start, 'caller'>): boolean {
  const account = knownValue(caller)?.Account;
  return account !== undefined && parseArn(roleArn)?.account !== account;
}

/** The key policy can grant what IAM lacks, and decides whether IAM counts at all. */
async function gatherKeyPolicy(
  { ports, ask }: Inquiry,
  key: DestinationEvidence['key'],
): Promise<DestinationEvidence['keyPolicy']> {
  return chain(key, (details) => {
    const id = details?.Arn;
    if (id === undefined) return notAsked('There is no key.');
    return ask('kms:GetKeyPolicy', async () => (await ports.keys()).getKeyPolicy(id));
  });
}

function unknown(reason: string): Finding<never> {
  return { kind: 'unknown', reason };
}
