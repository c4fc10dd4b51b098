import type { ClusterDetails, ExecLoggingConfiguration } from '../domain/ecs-answers.ts';
import { EcshError } from '../domain/errors.ts';
import { loggingEffect, loggingRows } from '../domain/exec-logging.ts';
import type { Reporter } from '../ui/reporter.ts';
import type { App, AwsPorts } from './app.ts';
import type { LoggingShowOptions } from './logging.ts';

/** @returns 0 */
export async function runLoggingShow(
  app: App,
  _reporter: Reporter,
  options: LoggingShowOptions,
): Promise<number> {
  const cluster = await describedCluster(awsOf(app, options), options);
  const configuration = configurationOf(cluster);
  app.stdout.write(
    options.json
      ? `${JSON.stringify(report(cluster, configuration), null, 2)}\n`
      : table(configuration),
  );
  return 0;
}

export function awsOf(
  app: App,
  { region, profile, endpointUrl, noInput }: LoggingShowOptions,
): AwsPorts {
  return app.aws({ region, profile, endpointUrl, noInput });
}

/** @throws EcshError `cluster-not-found` also for one that is INACTIVE. */
export async function describedCluster(
  aws: AwsPorts,
  options: LoggingShowOptions,
): Promise<ClusterDetails> {
  const name = options.clusterName ?? options.cluster ?? 'default';
  const cluster = await (await aws.doctor.ecs()).describeCluster(name);
  if (cluster === undefined || cluster.status === 'INACTIVE') {
    throw new EcshError('cluster-not-found', `There is no active cluster "${name}".`, {
      hint: 'List them:  ecsh ls clusters',
    });
  }
  return cluster;
}

export function configurationOf({ configuration }: ClusterDetails): ExecLoggingConfiguration {
  return configuration?.executeCommandConfiguration ?? {};
}

/** What `--json` prints: the mode that acts, and the settings as the API names them. */
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
  const lines = shown.map(({ name, value = '' }) => `${name.padEnd(width)}  ${value}`);
  return `${[loggingEffect(configuration), '', ...lines].join('\n')}\n`;
}
