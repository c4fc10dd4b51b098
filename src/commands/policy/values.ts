import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { targetRequest } from '#commands/target-request.ts';
import { sessionLogging } from '#doctor/rules/session-logging.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { bucketName, keyPrefix, logGroupName } from '#domain/exec-logging.ts';
import {
  isPattern,
  neededBy,
  type PolicyNeed,
  type PolicyTemplate,
  type PolicyValues,
  partitionOf,
} from '#domain/policy/policy-model.ts';
import type { ClusterDetails } from '#domain/ports/ecs-responses.ts';
import { familyOf, nameInArn, parseArn } from '#domain/resolve/arn.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { resolveContainerTarget, resolveTask, scopeOf } from '#domain/resolve/resolve.ts';
import type { SearchScope } from '#domain/resolve/resolve-errors.ts';
import { isFullTaskId, type ParsedTarget, parseTarget } from '#domain/resolve/target.ts';
import type { Reporter } from '#ui/reporter.ts';
import { checkTarget } from './check-target.ts';
import type { PolicyOptions } from './policy-options.ts';

/** The flag that supplies each value. */
const SOURCES: Readonly<Record<PolicyNeed, string>> = {
  partition: '--partition or --region',
  region: '--region',
  account: '--account',
  cluster: '-C',
  containers: '-c NAME[,NAME…]',
  logGroup: '--log-group',
  bucket: '--bucket',
  kmsKey: '--kms-key',
  family: '--family',
  roles: '--role',
};

/**
 * The values of a template: from flags, then from the cluster that is named, then from the caller's
 * credentials. Where flags say all that it needs, nothing is called.
 *
 * @throws EcshError `policy-value-missing`, `kms-key-not-arn`, and what the calls fail with.
 */
export async function policyValues(
  app: App,
  reporter: Reporter,
  template: PolicyTemplate,
  options: PolicyOptions,
): Promise<PolicyValues> {
  const said = fromFlags(options);
  const needs = neededBy(template, said);
  if (missing(needs, said).length === 0) return finished(finishedRoles(said), options);
  const aws = app.aws({
    region: said.region === '' ? undefined : said.region,
    profile: options.profile,
    endpointUrl: options.endpointUrl,
    noInput: options.noInput,
    ...traceAws(reporter),
  });
  const ofCluster = said.cluster === '' ? said : await fromCluster(aws, said, options, needs);
  if (options.target !== undefined && !isPattern(said.cluster)) {
    await checkTarget(aws, reporter, { ...options, target: options.target });
  }
  const ofTask = await fromTask(aws, ofCluster, options, needs);
  const values = finishedRoles(await fromCaller(aws, ofTask, needs));
  const lacking = missing(needs, values);
  if (lacking.length > 0) throw valueMissing(template, lacking);
  return finished(values, options);
}

function fromFlags(options: PolicyOptions): PolicyValues {
  const target = options.target === undefined ? undefined : parseTarget(options.target);
  const cluster = target?.cluster ?? options.cluster ?? (target === undefined ? '' : 'default');
  const arn = parseArn(cluster) ?? parseArn(options.target ?? '');
  const region = options.region ?? arn?.region ?? '';
  return {
    partition: options.partition ?? arn?.partition ?? (region === '' ? '' : partitionOf(region)),
    region,
    account: options.account ?? arn?.account ?? '',
    cluster: nameInArn(cluster),
    containers: containersOf(target?.container ?? options.container),
    tag: options.tag,
    tagScope: options.tagScope,
    logGroup: logGroupName(options.logGroup ?? ''),
    bucket: bucketName(options.bucket ?? ''),
    prefix: keyPrefix(options.prefix ?? ''),
    kmsKey: options.kmsKey ?? '',
    bucketKey: options.bucketKmsKey ?? '',
    bucketAccount: options.bucketAccount ?? '',
    service: target === undefined ? '' : serviceIn(target),
    family: options.family ?? '',
    roles: options.role ?? [],
    sessionControl: options.withSessionControl ?? false,
  };
}

function serviceIn(target: ParsedTarget): string {
  if (target.kind === 'service') return target.service;
  return target.kind === 'name' && !isFullTaskId(target.name) ? target.name : '';
}

function containersOf(text: string | undefined): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

async function fromCluster(
  aws: AwsPorts,
  said: PolicyValues,
  options: PolicyOptions,
  needs: readonly PolicyNeed[],
): Promise<PolicyValues> {
  // A wildcard names many clusters: none of them is asked.
  if (isPattern(said.cluster)) return said;
  const cluster = await describedIfAllowed(aws, said.cluster);
  if (cluster === DENIED) return said;
  if (cluster === undefined) {
    throw await clusterNotFound(await aws.ecs(), scopeIn(said.cluster, options), undefined);
  }
  const arn = parseArn(cluster.clusterArn ?? '');
  const { kmsKeyId = '', logConfiguration = {} } = execConfiguration(cluster);
  const values = {
    ...said,
    partition: options.partition ?? arn?.partition ?? said.partition,
    region: said.region || (arn?.region ?? ''),
    account: said.account || (arn?.account ?? ''),
    logGroup: said.logGroup || (logConfiguration.cloudWatchLogGroupName ?? ''),
    bucket: said.bucket || (logConfiguration.s3BucketName ?? ''),
    prefix: said.prefix || (logConfiguration.s3KeyPrefix ?? ''),
    kmsKey: said.kmsKey || (needs.includes('kmsKey') ? await keyArn(aws, kmsKeyId) : ''),
  };
  if (!needs.includes('logGroup') || values.logGroup !== '') return values;
  return { ...values, logGroup: await awslogsGroup(aws, cluster, options) };
}

function scopeIn(cluster: string, options: PolicyOptions): SearchScope {
  const flags = awsFlags(options);
  if (options.target === undefined) return { cluster, isClusterNamed: true, flags };
  return scopeOf(parseTarget(options.target), { cluster: options.cluster, flags });
}

const DENIED = Symbol('denied');

/** People who need policies often lack permissions: continue without the cluster if it cannot be read. */
async function describedIfAllowed(aws: AwsPorts, cluster: string) {
  try {
    return await (await aws.doctor.ecs()).describeCluster(cluster);
  } catch (error) {
    if (error instanceof EcshError && error.code === 'access-denied') return DENIED;
    throw error;
  }
}

/** A cluster may name its key by id or alias; a policy cannot. */
async function keyArn(aws: AwsPorts, key: string): Promise<string> {
  if (key === '' || isKeyArn(key)) return key;
  const details = await (await aws.doctor.keys()).describeKey(key);
  return details?.Arn ?? key;
}

function execConfiguration({ configuration }: ClusterDetails) {
  return configuration?.executeCommandConfiguration ?? {};
}

/** With DEFAULT, a session is logged to the group of its container. */
async function awslogsGroup(
  aws: AwsPorts,
  cluster: ClusterDetails,
  options: PolicyOptions,
): Promise<string> {
  if (options.target === undefined) return '';
  const request = targetRequest(options, options.target);
  const { task, container } = await resolveContainerTarget(await aws.ecs(), request);
  const ecs = await aws.doctor.ecs();
  const definition = await ecs.describeTaskDefinition(task.taskDefinitionArn);
  const details = definition?.containerDefinitions?.find(({ name }) => name === container.name);
  return sessionLogging(cluster, details).logGroup?.name ?? '';
}

/** Family and roles of the named task, if the template needs them. */
async function fromTask(
  aws: AwsPorts,
  values: PolicyValues,
  options: PolicyOptions,
  needs: readonly PolicyNeed[],
): Promise<PolicyValues> {
  const lacks = (need: PolicyNeed) => needs.includes(need) && values[need].length === 0;
  if (options.target === undefined || !(lacks('family') || lacks('roles'))) return values;
  const request = targetRequest(options, options.target);
  const { task } = await resolveTask(await aws.ecs(), request);
  const ecs = await aws.doctor.ecs();
  const { taskRoleArn, executionRoleArn } =
    (await ecs.describeTaskDefinition(task.taskDefinitionArn)) ?? {};
  const roles = [task.overrides.taskRoleArn ?? taskRoleArn, executionRoleArn];
  const found = roles.flatMap((role) => (role === undefined || role === '' ? [] : [role]));
  return {
    ...values,
    family: values.family || familyOf(task.taskDefinitionArn),
    roles: values.roles.length > 0 ? values.roles : [...new Set(found)],
  };
}

/** A role may be given by its name. */
function finishedRoles(values: PolicyValues): PolicyValues {
  const { partition, account, roles } = values;
  const arnOf = (role: string) =>
    parseArn(role) === undefined ? `arn:${partition}:iam::${account}:role/${role}` : role;
  return { ...values, roles: roles.map(arnOf) };
}

/** Region and account of the caller, if neither flags nor a cluster name them. */
async function fromCaller(
  aws: AwsPorts,
  values: PolicyValues,
  needs: readonly PolicyNeed[],
): Promise<PolicyValues> {
  const lacks = (need: PolicyNeed) => needs.includes(need) && values[need] === '';
  const region =
    lacks('region') || lacks('partition') ? await (await aws.doctor.local()).region() : '';
  const placed = {
    ...values,
    region: values.region || region,
    partition: values.partition || (region === '' ? '' : partitionOf(region)),
  };
  if (!lacks('account')) return placed;
  const { Account = '', Arn = '' } = await (await aws.doctor.sts()).getCallerIdentity();
  return { ...placed, account: Account, partition: parseArn(Arn)?.partition ?? placed.partition };
}

function missing(needs: readonly PolicyNeed[], values: PolicyValues): readonly PolicyNeed[] {
  return needs.filter((need) => values[need].length === 0);
}

function finished(values: PolicyValues, options: PolicyOptions): PolicyValues {
  for (const key of [values.kmsKey, values.bucketKey]) {
    if (key !== '' && !isKeyArn(key)) throw keyNotArn(key, options);
  }
  return options.allRegions ? { ...values, region: '*' } : values;
}

/** The ARN of an alias is not the ARN of a key: in a policy it means the alias itself (IAM, KMS). */
function isKeyArn(text: string): boolean {
  return parseArn(text)?.resource.startsWith('key/') ?? false;
}

function keyNotArn(key: string, options: PolicyOptions): EcshError {
  const words = ['kms', 'describe-key', '--key-id', key, '--query', 'KeyMetadata.Arn'];
  return new EcshError('kms-key-not-arn', `A policy needs the ARN of the key, not "${key}".`, {
    hint: `Look it up:  ${awsCommand(words, awsFlags(options))}`,
    exitCode: 2,
  });
}

function valueMissing({ name }: PolicyTemplate, needs: readonly PolicyNeed[]): EcshError {
  const flags = needs.map((need) => SOURCES[need]).join(', ');
  return new EcshError('policy-value-missing', `The policy ${name} is not complete.`, {
    hint: `Give ${flags}, or a TARGET:  ecsh policy ${name} prod/web${needs.includes('containers') ? '@app' : ''}`,
    exitCode: 2,
  });
}
