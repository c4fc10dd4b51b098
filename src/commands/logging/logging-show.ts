import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { jsonText } from '#commands/json-output.ts';
import { awsFlags, type SharedOptions } from '#commands/shared-options.ts';
import { loggingEffect, loggingRows } from '#domain/exec-logging.ts';
import type { ClusterDetails, ExecLoggingConfiguration } from '#domain/ports/ecs-responses.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import { clusterNotFound } from '#domain/resolve/cluster-errors.ts';
import { plainLine } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';

export interface ClusterArgument {
  /** Name or ARN; without one, `-C`, then `default`. */
  readonly clusterName: string | undefined;
}

export type LoggingShowOptions = SharedOptions & ClusterArgument;

/** @returns 0 */
export async function runLoggingShow(
  app: App,
  reporter: Reporter,
  options: LoggingShowOptions,
): Promise<number> {
  const cluster = await describedCluster(awsOf(app, reporter, options), options);
  const configuration = configurationOf(cluster);
  app.stdout.write(
    options.json
      ? `${jsonText(report(cluster, configuration), undefined, 2)}\n`
      : table(configuration),
  );
  return 0;
}

/** The region of a cluster ARN takes precedence over every other setting. */
export function awsOf(app: App, reporter: Reporter, options: LoggingShowOptions): AwsPorts {
  const { profile, endpointUrl, noInput } = options;
  const region = parseArn(clusterOf(options))?.region ?? options.region;
  return app.aws({ region, profile, endpointUrl, noInput, ...traceAws(reporter) });
}

function clusterOf({ clusterName, cluster = 'default' }: LoggingShowOptions): string {
  return clusterName ?? cluster;
}

/** @throws EcshError `cluster-not-found`, also if the cluster is INACTIVE */
export async function describedCluster(
  aws: AwsPorts,
  options: LoggingShowOptions,
): Promise<ClusterDetails> {
  const name = clusterOf(options);
  const cluster = await (await aws.doctor.ecs()).describeCluster(name);
  if (cluster !== undefined && cluster.status !== 'INACTIVE') return cluster;
  const isClusterNamed = (options.clusterName ?? options.cluster) !== undefined;
  const scope = { cluster: name, isClusterNamed, flags: awsFlags(options) };
  throw await clusterNotFound(await aws.ecs(), scope, undefined);
}

export function configurationOf({ configuration }: ClusterDetails): ExecLoggingConfiguration {
  return configuration?.executeCommandConfiguration ?? {};
}

/** The object that `--json` prints: the effective mode, and the settings by their API names. */
function report(cluster: ClusterDetails, configuration: ExecLoggingConfiguration) {
  const { clusterName, clusterArn } = cluster;
  return {
    cluster: clusterName,
    clusterArn,
    logging: configuration.logging ?? 'DEFAULT',
    effect: loggingEffect(configuration),
    executeCommandConfiguration: configuration,
  };
}

function table(configuration: ExecLoggingConfiguration): string {
  const rows = loggingRows({ ...configuration, logging: configuration.logging ?? 'DEFAULT' });
  const shown = rows.filter(({ value }) => value !== undefined);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.map(({ name, value = '' }) => `${name.padEnd(width)}  ${plainLine(value)}`);
  return `${[plainLine(loggingEffect(configuration)), '', ...lines].join('\n')}\n`;
}
