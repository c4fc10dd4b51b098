import { type ClusterHome, clusterHome } from '#doctor/cluster-home.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import type { PermissionEvidence } from '#doctor/evidence.ts';
import { chain, type Finding, known, knownValue, notAsked } from '#doctor/finding.ts';
import type { SessionLogging } from '#doctor/rules/session-logging.ts';
import { contextEntries, type Decision } from '#doctor/rules/simulation.ts';
import { sessionKeyArn } from '#doctor/session-key.ts';
import { CHANNEL_ACTIONS } from '#domain/policy/task-role-policies.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import type { Inquiry } from './inquiry.ts';
import { type PermissionGround, simulate } from './simulate.ts';

type RoleRights = Pick<
  PermissionEvidence,
  'roleOnChannels' | 'roleOnKey' | 'roleOnLogs' | 'roleOnBucket' | 'executionRoleOnChannels'
>;

type Simulated = Finding<readonly Decision[]>;
type May = (
  role: Finding<string>,
  actions: readonly string[],
  resources: Finding<readonly string[]>,
) => Promise<Simulated>;

const SET_ACL = 's3:PutObjectAcl';

/** A sample log name that matches policies on `PREFIX/*` as well as on `PREFIX*`. */
const SAMPLE = 'ecs-execute-command-sample';

/** Simulates the permissions of the role that the exec agent uses, with one call per resource. */
export async function gatherRoleRights(
  inquiry: Inquiry,
  ground: PermissionGround,
  role: Finding<string>,
): Promise<RoleRights> {
  const place = clusterHome(inquiry.subject, ground);
  const may = simulation(inquiry, place);
  const logging = containerLogging(ground, inquiry.container);
  const logs = logGroupArn(logging, place);
  const bucket = bucketArns(logging, place);
  const [anywhere, roleOnKey, onGroup, onBucket, onBucketKey] = await Promise.all([
    may(role, anywhereActions(logs, bucket), known(['*'])),
    may(role, ['kms:Decrypt'], asList(sessionKeyArn(ground))),
    may(role, ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], logs),
    may(role, bucketActions(ground), bucket),
    may(role, ['kms:GenerateDataKey', 'kms:Decrypt'], bucketKeyArn(ground)),
  ]);
  const roleOnChannels = only('ssmmessages:', anywhere);
  return {
    roleOnChannels,
    roleOnKey,
    roleOnLogs: joined([onGroup, only('logs:', anywhere)]),
    roleOnBucket: joined([ofItsKind(onBucket), only('s3:', anywhere), orNothing(onBucketKey)]),
    executionRoleOnChannels: await may(
      executionRole(ground, roleOnChannels),
      CHANNEL_ACTIONS,
      known(['*']),
    ),
  };
}

function simulation({ ports, ask }: Inquiry, place: ClusterHome | undefined): May {
  return async (principal, actions, resources) =>
    chain(principal, (arn) =>
      chain(resources, (arns) =>
        ask('iam:SimulatePrincipalPolicy', async () =>
          simulate(await ports.iam(), {
            principal: arn,
            actions,
            resources: arns,
            context: contextEntries({ region: place?.region, tags: [] }),
          }),
        ),
      ),
    );
}

function anywhereActions(logs: Finding<unknown>, bucket: Finding<unknown>): readonly string[] {
  return [
    ...CHANNEL_ACTIONS,
    ...(logs.kind === 'known' ? ['logs:DescribeLogGroups'] : []),
    ...(bucket.kind === 'known' ? ['s3:GetBucketLocation'] : []),
  ];
}

function logGroupArn(
  logging: Finding<SessionLogging>,
  place: ClusterHome | undefined,
): Finding<readonly string[]> {
  if (logging.kind !== 'known') return logging;
  const { logGroup } = logging.value;
  if (logGroup === undefined || place === undefined) {
    return notAsked('Sessions are not logged to CloudWatch Logs.');
  }
  const where = `${place.partition}:logs:${logGroup.region ?? place.region}:${place.account}`;
  return known([`arn:${where}:log-group:${logGroup.name}:log-stream:${SAMPLE}`]);
}

/** The agent sends the ACL bucket-owner-full-control with each log (amazon-ssm-agent agent/s3util/s3util.go). */
function bucketActions({ isForeignBucket }: PermissionGround): readonly string[] {
  const isForeign = knownValue(isForeignBucket) === true;
  return ['s3:GetEncryptionConfiguration', 's3:PutObject', ...(isForeign ? [SET_ACL] : [])];
}

/** ARNs of the bucket and of a sample log in it. */
function bucketArns(
  logging: Finding<SessionLogging>,
  place: ClusterHome | undefined,
): Finding<readonly string[]> {
  if (logging.kind !== 'known') return logging;
  const { bucket } = logging.value;
  if (bucket === undefined || place === undefined) {
    return notAsked('Sessions are not logged to S3.');
  }
  const arn = `arn:${place.partition}:s3:::${bucket.name}`;
  const folder = bucket.prefix.replaceAll(/^\/+|\/+$/g, '');
  return known([arn, `${arn}/${folder === '' ? '' : `${folder}/`}${SAMPLE}.log`]);
}

/** A simulation needs the key's ARN. It is missing if S3 owns the key, or if the bucket names the key by id. */
function bucketKeyArn({ bucketEncryption }: PermissionGround): Finding<readonly string[]> {
  if (bucketEncryption.kind !== 'known') return bucketEncryption;
  const key = bucketEncryption.value?.KMSMasterKeyID ?? '';
  return parseArn(key)?.service === 'kms' ? known([key]) : notAsked('The bucket has no key.');
}

/** The execution role, to simulate if the task role lacks permissions: they may be on the wrong role. */
function executionRole(
  { taskDefinition }: PermissionGround,
  roleOnChannels: Simulated,
): Finding<string> {
  if (roleOnChannels.kind !== 'known')
    return notAsked('The permissions of the task role are not known.');
  if (roleOnChannels.value.every(({ verdict }) => verdict !== 'denied')) {
    return notAsked('The task role has the permissions.');
  }
  const arn = knownValue(taskDefinition)?.executionRoleArn;
  return arn === undefined ? notAsked('The task has no execution role.') : known(arn);
}

function only(prefix: string, simulated: Simulated): Simulated {
  if (simulated.kind !== 'known') return simulated;
  return known(simulated.value.filter(({ action }) => action.startsWith(prefix)));
}

/** IAM evaluated every action on both resources. Keeps write actions for the log, and other actions for the bucket. */
function ofItsKind(simulated: Simulated): Simulated {
  if (simulated.kind !== 'known') return simulated;
  return known(
    simulated.value.filter(
      ({ action, resource }) => action.startsWith('s3:Put') === resource.includes('/'),
    ),
  );
}

function orNothing(simulated: Simulated): Simulated {
  return simulated.kind === 'known' ? simulated : known([]);
}

/** All decisions, or the first part with unknown decisions. */
function joined(parts: readonly Simulated[]): Simulated {
  const missing = parts.find(({ kind }) => kind !== 'known');
  return missing ?? known(parts.flatMap((part) => knownValue(part) ?? []));
}

function asList(arn: Finding<string>): Finding<readonly string[]> {
  return arn.kind === 'known' ? known([arn.value]) : arn;
}
