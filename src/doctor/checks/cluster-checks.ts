import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { fixFromHint } from '#doctor/fix-from-hint.ts';
import { type SessionLogging, sessionLogging } from '#doctor/rules/session-logging.ts';
import { awsCommand, ecshCommand } from '#domain/errors/aws-command.ts';
import type { ClusterDetails } from '#domain/ports/ecs-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';

/** The cluster, its logging mode and its session key. */
export const CLUSTER_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'cluster-active',
    title: 'Cluster is active',
    area: 'setup',
    severity: 'fail',
    meaning: 'The cluster exists in this account and region, and was not deleted.',
    remedy: 'Check the name of the cluster, --region and --profile.',
    docs: DOCS.exec,
    run: checkActive,
  },
  {
    id: 'logging-mode',
    title: 'Sessions are recorded',
    area: 'setup',
    severity: 'warn',
    meaning:
      "The cluster says where sessions are recorded: not at all, in the container's awslogs group, or in a log group or bucket of its own.",
    remedy: 'Name a log group or a bucket with `ecsh logging set`.',
    docs: DOCS.exec,
    run: forCluster(checkRecording),
  },
  {
    id: 'kms-configured',
    title: 'Session key',
    area: 'setup',
    severity: 'info',
    meaning:
      'With a KMS key of your own, both the caller and the task role need permissions on it.',
    remedy: 'See `ecsh policy caller-kms` and `ecsh policy task-kms`.',
    docs: DOCS.exec,
    run: forCluster(checkKey),
  },
];

function checkActive({ cluster, evidence, flags, whyNoTask }: DoctorContext): CheckOutcome {
  return judge(evidence.cluster, (details) => {
    const status = details === undefined ? 'MISSING' : details.status;
    if (status === 'ACTIVE') return pass(`Cluster ${cluster} is ACTIVE.`, { status });
    const command = ecshCommand(['ls', 'clusters'], flags);
    // The search for the task has already suggested clusters with similar names.
    const hint = whyNoTask?.code === 'cluster-not-found' ? whyNoTask.hint : undefined;
    return {
      status: 'fail',
      message: `Cluster ${cluster} is ${status ?? 'in an unknown state'}.`,
      fix:
        hint === undefined
          ? { summary: 'Check its name, --region and --profile, or list the clusters', command }
          : fixFromHint(hint),
      evidence: { status },
    };
  });
}

function forCluster(
  run: (cluster: ClusterDetails, context: DoctorContext) => CheckOutcome,
): DoctorCheck['run'] {
  return (context) =>
    judge(context.evidence.cluster, (details) =>
      details === undefined ? skip('There is no cluster.') : run(details, context),
    );
}

function checkRecording(details: ClusterDetails, context: DoctorContext): CheckOutcome {
  const { cluster, container, evidence } = context;
  const definition = knownValue(evidence.taskDefinition)?.containerDefinitions?.find(
    ({ name }) => name === container?.name,
  );
  const logging = sessionLogging(details, definition);
  const { mode, logGroup, bucket } = logging;
  const facts = { mode, logGroup: logGroup?.name, bucket: bucket?.name };
  const isSet = details.configuration?.executeCommandConfiguration?.logging !== undefined;
  // With DEFAULT, the container's log driver decides, and we cannot see it.
  if (mode === 'DEFAULT' && definition === undefined) {
    const message = `Sessions in ${cluster} are recorded where the container logs with awslogs`;
    if (isSet && container === undefined) return skip('No container is chosen.');
    if (isSet) return { status: 'unknown', message: `${message}.`, evidence: facts };
    return {
      status: 'warn',
      message: `${message}; the cluster itself says nothing.`,
      fix: confirmFix(context),
      evidence: facts,
    };
  }
  const places = placesOf(logging);
  const message = `Sessions in ${cluster} are ${places === '' ? whyNowhere(mode) : `recorded to ${places}`}`;
  if (isSet && places !== '') return pass(`${message}.`, facts);
  const why = isSet ? '' : '; the cluster itself says nothing';
  return {
    status: 'warn',
    message: `${message}${why}.`,
    fix: places === '' ? recordFix(context) : confirmFix(context),
    evidence: facts,
  };
}

/** Explicitly sets what the cluster already does by default. */
function confirmFix({ cluster, flags }: DoctorContext): CheckFix {
  const command = ecshCommand(['logging', 'set', cluster, '--mode', 'default'], flags);
  return { summary: 'Have the cluster say so', command };
}

/** ECS does not create the log group. */
function recordFix({ cluster, flags }: DoctorContext): CheckFix {
  const group = `/ecs/exec/${cluster}`;
  const create = awsCommand(['logs', 'create-log-group', '--log-group-name', group], flags);
  const set = ['logging', 'set', cluster, '--mode', 'override', '--log-group', group];
  return { summary: 'Record them', command: `${create} &&\n  ${ecshCommand(set, flags)}` };
}

function placesOf({ logGroup, bucket }: SessionLogging): string {
  const places = [
    logGroup === undefined ? [] : [`log group ${logGroup.name}`],
    bucket === undefined ? [] : [`bucket ${[bucket.name, bucket.prefix].join('/')}`],
  ];
  return places.flat().join(' and ');
}

function whyNowhere(mode: SessionLogging['mode']): string {
  return mode === 'DEFAULT'
    ? 'not recorded: the container does not log with awslogs'
    : `not recorded (logging is ${mode})`;
}

function checkKey(details: ClusterDetails): CheckOutcome {
  const { kmsKeyId = '' } = details.configuration?.executeCommandConfiguration ?? {};
  if (kmsKeyId === '') return skip('The cluster has no session key.');
  const message = `Sessions are encrypted with ${kmsKeyId}; you and the task role both need it.`;
  return { status: 'info', message, evidence: { kmsKeyId } };
}
