import type { App } from '#commands/app.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { jsonText } from '#commands/json-output.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import {
  assertLogGroupHere,
  changedLogging,
  isLoggingChange,
  type LoggingChange,
  type LoggingDifference,
  loggingDifferences,
  loggingEffect,
} from '#domain/exec-logging.ts';
import type { ClusterDetails, ExecLoggingConfiguration } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Reporter } from '#ui/reporter.ts';
import { resolveKey, verifyDestinations } from './destinations.ts';
import { awsOf, type ClusterArgument, configurationOf, describedCluster } from './logging-show.ts';

export interface LoggingSetOptions extends SharedOptions, ClusterArgument, LoggingChange {
  readonly dryRun?: true | undefined;
  readonly force?: true | undefined;
}

/**
 * Reads, shows what would change, asks, writes, and reads again.
 *
 * @returns 0, also when there was nothing to change; 1 when it was declined
 * @throws EcshError of `changedLogging` and `verifyDestinations`, `logging-change-missing`,
 *   `confirmation-missing` and `logging-not-applied`
 */
export async function runLoggingSet(
  app: App,
  reporter: Reporter,
  options: LoggingSetOptions,
): Promise<number> {
  if (!isLoggingChange(options)) throw changeMissing();
  const aws = awsOf(app, reporter, options);
  const cluster = await describedCluster(aws, options);
  const before = configurationOf(cluster);
  const { clusterArn = '' } = cluster;
  if (options.logGroup) assertLogGroupHere(options.logGroup, clusterArn);
  const wanted = changedLogging(before, options);
  const { configuration: after, warnings: ofKey } = options.kmsKey
    ? await resolveKey(aws.doctor, wanted, { ...options, clusterArn })
    : { configuration: wanted, warnings: [] };
  const differences = loggingDifferences(before, after);
  const name = cluster.clusterName ?? nameInArn(cluster.clusterArn ?? '');
  if (differences.length === 0) {
    reporter.notice(`Nothing to change in cluster ${name}. ${loggingEffect(after)}`);
    if (options.json) printResult(app, { cluster: name, changed: false, before, after });
    return 0;
  }
  const warnings = [...ofKey, ...(await verifyDestinations(aws.doctor, after, options))];
  for (const text of [`Cluster ${name}:`, ...differences.map(describe), ...warnings]) {
    reporter.notice(text);
  }
  const request = updateRequest(cluster, after);
  if (options.dryRun) {
    printResult(app, request);
    return 0;
  }
  if (!(await isConfirmed(app, options, `Change cluster ${name}?`))) {
    reporter.notice('Nothing was changed.');
    return 1;
  }
  await (await aws.admin()).updateCluster(request.cluster, request.configuration);
  const written = configurationOf(await describedCluster(aws, options));
  assertApplied(after, written, ecshCommand(['logging', 'show', name], awsFlags(options)));
  for (const text of doneTexts(name, after, options)) reporter.notice(text);
  if (options.json) printResult(app, { cluster: name, changed: true, before, after: written });
  return 0;
}

/** We assume that UpdateCluster replaces the configuration, so ecsh also sends everything else in it. */
function updateRequest(cluster: ClusterDetails, next: ExecLoggingConfiguration) {
  return {
    cluster: cluster.clusterArn ?? cluster.clusterName ?? '',
    configuration: { ...cluster.configuration, executeCommandConfiguration: next },
  };
}

function describe({ name, before, after }: LoggingDifference): string {
  return `  ${name}: ${before ?? 'not set'} -> ${after ?? 'not set'}`;
}

function doneTexts(
  cluster: string,
  after: ExecLoggingConfiguration,
  options: LoggingSetOptions,
): readonly string[] {
  const flags = awsFlags(options);
  const commands = policiesFor(after).map((policy) =>
    ecshCommand(['policy', policy, '-C', cluster], flags),
  );
  const ofContainer = ecshCommand(['policy', 'logs-cloudwatch', `${cluster}/SERVICE`], flags);
  const isDefault = (after.logging ?? 'DEFAULT') === 'DEFAULT';
  return [
    `Done, from the next session on. ${loggingEffect(after)}`,
    ...commands.map((command) => `Permissions for it:  ${command}`),
    ...(isDefault
      ? [`The task role of each service needs permissions on its log group:  ${ofContainer}`]
      : []),
  ];
}

/** `look` is the command that shows the existing settings. */
function assertApplied(
  wanted: ExecLoggingConfiguration,
  written: ExecLoggingConfiguration,
  look: string,
): void {
  const differences = loggingDifferences(wanted, written);
  if (differences.length === 0) return;
  const names = differences.map(({ name }) => name).join(', ');
  throw new EcshError(
    'logging-not-applied',
    `ECS accepted the change, but shows another: ${names}.`,
    { hint: `It may have been changed at the same time. See:  ${look}` },
  );
}

/** Permissions that are needed from now on. */
function policiesFor({ kmsKeyId, logConfiguration }: ExecLoggingConfiguration): readonly string[] {
  return [
    ...(logConfiguration?.cloudWatchLogGroupName === undefined ? [] : ['logs-cloudwatch']),
    ...(logConfiguration?.s3BucketName === undefined ? [] : ['logs-s3']),
    ...(kmsKeyId === undefined ? [] : ['task-kms', 'caller-kms']),
  ];
}

function changeMissing(): EcshError {
  return new EcshError('logging-change-missing', 'Nothing to change.', {
    hint: 'Give --mode, --log-group, --bucket, --kms-key or another flag of  ecsh logging set --help',
    exitCode: 2,
  });
}

function printResult(app: App, value: unknown): void {
  app.stdout.write(`${jsonText(value, undefined, 2)}\n`);
}
