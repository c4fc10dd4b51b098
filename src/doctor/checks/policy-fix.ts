import type { DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import { knownValue } from '#doctor/finding.ts';
import { type Decision, isFinal } from '#doctor/rules/simulation.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import { policyNamed } from '#domain/policy/policies.ts';
import {
  documentOf,
  EMPTY_VALUES,
  OTHER_ACCOUNT,
  PLACE,
  type PolicyValues,
} from '#domain/policy/policy-model.ts';
import type { CheckFix } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { actionsOf } from './rights.ts';

/** Suggests one of our policies for the caller's user or role, unless a Deny must be removed first. */
export function callerFix(
  context: DoctorContext,
  name: string,
  summary: string,
  denied: readonly Decision[] = [],
): CheckFix {
  if (denied.length > 0 && denied.every(isFinal)) return ownerFix(denied);
  return { summary, command: printCommand(context, name), policy: documentFor(context, name) };
}

/** Suggests one of our policies for a role, unless a Deny must be removed first. */
export function grantFix(
  context: DoctorContext,
  roleArn: string,
  name: string,
  denied: readonly Decision[],
): CheckFix {
  if (denied.length > 0 && denied.every(isFinal)) return ownerFix(denied);
  const role = nameInArn(roleArn);
  const put = ['iam', 'put-role-policy', '--role-name', role, '--policy-name', `ecs-exec-${name}`];
  return {
    ...pipedFix(context, name, [...put, '--policy-document']),
    summary: `Grant role ${role} what is missing`,
  };
}

/** Pipes one of our policies to an AWS CLI command whose last argument is a document. */
export function pipedFix(
  context: DoctorContext,
  name: string,
  words: readonly string[],
): Omit<CheckFix, 'summary'> {
  const take = awsCommand([...words, 'file:///dev/stdin'], context.flags);
  return {
    command: `${printCommand(context, name)} |\n  ${take}`,
    policy: documentFor(context, name),
  };
}

/** Only the owner can remove a Deny, change a permissions boundary or change an SCP. */
function ownerFix(denied: readonly Decision[]): CheckFix {
  const policies = [...new Set(denied.flatMap((decision) => decision.policies))];
  const owned = policies.length === 0 ? 'that policy' : `policy ${policies.join(', ')}`;
  return { summary: `Ask the owner of ${owned} to let ${actionsOf(denied)} through.` };
}

/** `ecsh policy NAME` with the flags that it requires. */
function printCommand(context: DoctorContext, name: string): string {
  const { needs } = policyNamed(name);
  const { logGroup, bucket, prefix, kmsKey, bucketKey, bucketAccount } = valuesOf(context);
  const ofBucket = [
    ...['--bucket', bucket],
    ...(prefix === '' ? [] : ['--prefix', prefix]),
    ...(bucketKey === '' ? [] : ['--bucket-kms-key', bucketKey]),
    ...(bucketAccount === '' ? [] : ['--bucket-account', bucketAccount]),
  ];
  const isPlaced = needs.some((need) => need === 'cluster' || PLACE.includes(need));
  const words = [
    ...['policy', name],
    ...(isPlaced ? ['-C', context.cluster] : []),
    ...(needs.includes('logGroup') ? ['--log-group', logGroup] : []),
    ...(needs.includes('bucket') ? ofBucket : []),
    ...(needs.includes('kmsKey') ? ['--kms-key', kmsKey] : []),
  ];
  return ecshCommand(words, context.flags);
}

function documentFor(context: DoctorContext, name: string): unknown {
  return documentOf(policyNamed(name), valuesOf(context));
}

function valuesOf(context: DoctorContext): PolicyValues {
  const { evidence, container, cluster } = context;
  const { partition = 'aws', region = '*', account = '*' } = clusterHome(context, evidence) ?? {};
  const { logGroup, bucket } = knownValue(containerLogging(evidence, container)) ?? {};
  const bucketKey = knownValue(evidence.bucketEncryption)?.KMSMasterKeyID ?? '';
  return {
    ...EMPTY_VALUES,
    partition,
    region,
    account,
    cluster,
    tagScope: 'task',
    logGroup: logGroup?.name ?? '',
    bucket: bucket?.name ?? '',
    prefix: bucket?.prefix ?? '',
    kmsKey: knownValue(evidence.key)?.Arn ?? '',
    bucketKey: bucketKey.startsWith('arn:') ? bucketKey : '',
    bucketAccount: knownValue(evidence.isForeignBucket) === true ? OTHER_ACCOUNT : '',
  };
}
