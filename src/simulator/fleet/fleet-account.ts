import { parseStatement, type Statement } from '#simulator/api/policy.ts';
import type { Fields } from './fleet-fields.ts';

/** The parts of an account other than its clusters. */
export interface FleetAccount {
  /** The identity that calls the API. */
  readonly caller: FleetPrincipal & { readonly arn: string };
  /** Actions that are denied to the caller, such as `iam:GetRole` or `ec2:*`. */
  readonly deny: readonly string[];
  /** Roles, keys, log groups and buckets that differ from the defaults; `exists: false` removes one. */
  readonly roles: readonly FleetRole[];
  /** Actions that a service control policy denies to all principals; undefined without an organization. */
  readonly organizationDeny: readonly string[] | undefined;
  readonly keys: readonly FleetKey[];
  readonly logGroups: readonly FleetLogGroup[];
  readonly buckets: readonly FleetBucket[];
  readonly sessionPreferences: SessionPreferences;
}

/** The account's SSM-SessionManagerRunShell document, whose settings apply to sessions of ssm:StartSession. */
export interface SessionPreferences {
  /** Commands that are typed into each new shell. */
  readonly shellProfile: string | undefined;
  /** If set, shells and commands are encrypted with this key. */
  readonly kmsKeyId: string | undefined;
  /** Time until an idle session ends (ms). Undefined means the default. */
  readonly idleTimeoutMs: number | undefined;
}

interface FleetPrincipal {
  readonly statements: readonly Statement[];
  /** Actions that its permissions boundary allows; undefined without one. */
  readonly boundary: readonly string[] | undefined;
}

export interface FleetRole extends FleetPrincipal {
  readonly name: string;
  readonly path: string;
  readonly exists: boolean;
  /** Services that can assume the role. */
  readonly trust: readonly string[];
}

export interface FleetKey {
  /** The ARN of the key. */
  readonly id: string;
  readonly alias: string | undefined;
  readonly state: string;
  readonly spec: string;
  readonly usage: string;
  readonly policy: Readonly<Record<string, unknown>> | undefined;
  readonly exists: boolean;
}

export interface FleetLogGroup {
  readonly name: string;
  readonly kmsKeyId: string | undefined;
  readonly exists: boolean;
}

export interface FleetBucket {
  readonly name: string;
  readonly region: string | undefined;
  /** The account that owns the bucket. Undefined means the fleet's account. */
  readonly account: string | undefined;
  /** The default encryption: AES256, aws:kms or aws:kms:dsse. Undefined if there is none. */
  readonly encryption: string | undefined;
  readonly exists: boolean;
}

/** Parses the fields of a fleet file that describe the account. */
export function parseAccount(fleet: Fields, account: string): FleetAccount {
  const organization = fleet.object('organization');
  const parsed = {
    caller: parseCaller(fleet.object('caller'), account),
    deny: fleet.textList('deny'),
    roles: fleet.list('roles', parseRole),
    organizationDeny: organization?.textList('deny'),
    keys: fleet.list('keys', parseKey),
    logGroups: fleet.list('logGroups', parseLogGroup),
    buckets: fleet.list('buckets', parseBucket),
    sessionPreferences: parsePreferences(fleet.object('sessionPreferences')),
  };
  organization?.finish();
  return parsed;
}

function parsePreferences(fields: Fields | undefined): SessionPreferences {
  const minutes = fields?.number('idleSessionTimeout');
  const preferences = {
    shellProfile: fields?.text('shellProfile'),
    kmsKeyId: fields?.text('kmsKeyId'),
    idleTimeoutMs: minutes === undefined ? undefined : minutes * 60_000,
  };
  fields?.finish();
  return preferences;
}

/** Without its own statements, the caller is an administrator. */
function parseCaller(fields: Fields | undefined, account: string): FleetAccount['caller'] {
  const administrator = {
    arn: `arn:aws:iam::${account}:user/simulator`,
    statements: [allow('*')],
    boundary: undefined,
  };
  if (fields === undefined) return administrator;
  const hasStatements = ['allow', 'deny', 'statements'].some(
    (name) => fields.raw(name) !== undefined,
  );
  const principal = parsePrincipal(fields);
  const arn = fields.text('arn') ?? administrator.arn;
  fields.finish();
  return { ...principal, arn, ...(hasStatements ? {} : { statements: administrator.statements }) };
}

function parseRole(fields: Fields): FleetRole {
  const trust = fields.textList('trust');
  const role = {
    name: fields.requiredText('name'),
    path: fields.text('path') ?? '/',
    exists: fields.flag('exists') ?? true,
    trust: trust.length === 0 ? ['ecs-tasks.amazonaws.com'] : trust,
    ...parsePrincipal(fields),
  };
  fields.finish();
  return role;
}

/** `allow` and `deny` list actions; `statements` lists statements of an IAM policy. */
function parsePrincipal(fields: Fields): FleetPrincipal {
  return {
    statements: [
      ...fields.textList('allow').map(allow),
      ...fields.textList('deny').map(deny),
      ...fields.list('statements', parseStatement),
    ],
    boundary: fields.raw('boundary') === undefined ? undefined : fields.textList('boundary'),
  };
}

export function allow(action: string): Statement {
  return { effect: 'Allow', actions: [action], resources: ['*'], conditions: [] };
}

function deny(action: string): Statement {
  return { ...allow(action), effect: 'Deny' };
}

function parseKey(fields: Fields): FleetKey {
  const key = {
    id: fields.requiredText('id'),
    alias: fields.text('alias'),
    state: fields.text('state') ?? 'Enabled',
    spec: fields.text('spec') ?? 'SYMMETRIC_DEFAULT',
    usage: fields.text('usage') ?? 'ENCRYPT_DECRYPT',
    policy: fields.object('policy')?.all(),
    exists: fields.flag('exists') ?? true,
  };
  fields.finish();
  return key;
}

function parseLogGroup(fields: Fields): FleetLogGroup {
  const group = {
    name: fields.requiredText('name'),
    kmsKeyId: fields.text('kmsKeyId'),
    exists: fields.flag('exists') ?? true,
  };
  fields.finish();
  return group;
}

function parseBucket(fields: Fields): FleetBucket {
  const encryption = fields.text('encryption') ?? 'AES256';
  const bucket = {
    name: fields.requiredText('name'),
    region: fields.text('region'),
    account: fields.text('account'),
    encryption: encryption === 'none' ? undefined : encryption,
    exists: fields.flag('exists') ?? true,
  };
  fields.finish();
  return bucket;
}
