import { awsCommand } from '../domain/aws-command.ts';
import type { ClusterDetails } from '../domain/doctor-ports.ts';
import { type CheckOutcome, pass, skip } from '../domain/readiness-model.ts';
import type { DoctorCheck, DoctorContext } from './check-model.ts';
import { DOCS } from './docs.ts';
import { judge, knownValue } from './finding.ts';
import { type Recording, recordingOf } from './recording.ts';

/** Checks 38 to 40 of READINESS 1.4. */
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
    meaning: 'With a KMS key of your own, both the caller and the task role need rights on it.',
    remedy: 'See `ecsh policy caller-kms` and `ecsh policy task-kms`.',
    docs: DOCS.exec,
    run: forCluster(checkKey),
  },
];

function checkActive({ cluster, evidence, flags }: DoctorContext): CheckOutcome {
  return judge(evidence.cluster, (details) => {
    const status = details === undefined ? 'MISSING' : details.status;
    if (status === 'ACTIVE') return pass(`Cluster ${cluster} is ACTIVE.`, { status });
    const command = awsCommand(['ecs', 'list-clusters'], flags);
    return {
      status: 'fail',
      message: `Cluster ${cluster} is ${status ?? 'in an unknown state'}.`,
      fix: { summary: 'Check its name, --region and --profile, or list the clusters', command },
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
  const recording = recordingOf(details, definition);
  const { mode, logGroup, bucket } = recording;
  const facts = { mode, logGroup, bucket };
  // By default it is the container that decides, and it cannot be looked at.
  if (mode === 'DEFAULT' && definition === undefined) {
    const message = `Sessions in ${cluster} are recorded where the container logs with awslogs.`;
    return { status: 'unknown', message, evidence: facts };
  }
  const isSettled = mode === 'OVERRIDE' || (recording.isModeSet && recording.isRecorded);
  const message = `Sessions in ${cluster} are ${placeOf(recording)}.`;
  if (isSettled) return pass(message, facts);
  const summary = `Say where to record them:  ecsh logging set ${cluster} --mode override --log-group NAME`;
  return { status: 'warn', message, fix: { summary }, evidence: facts };
}

function placeOf({ mode, isModeSet, isRecorded, logGroup, bucket, prefix }: Recording): string {
  if (mode === 'NONE') return 'not recorded (logging is NONE)';
  if (!isRecorded) return 'not recorded: the container does not log with awslogs';
  const places = [
    logGroup === undefined ? undefined : `log group ${logGroup}`,
    bucket === undefined ? undefined : `bucket ${bucket}${prefix === '' ? '' : `/${prefix}`}`,
  ].filter((place) => place !== undefined);
  const where = `recorded to ${places.join(' and ')}`;
  return isModeSet ? where : `${where}, because the cluster says nothing else`;
}

function checkKey(details: ClusterDetails): CheckOutcome {
  const { kmsKeyId } = details.configuration?.executeCommandConfiguration ?? {};
  if (kmsKeyId === undefined) return skip('The cluster has no session key.');
  const message = `Sessions are encrypted with ${kmsKeyId}; you and the task role both need it.`;
  return { status: 'info', message, evidence: { kmsKeyId } };
}
