import type { App } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { jsonText } from '#commands/json-output.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { missingMounts, mountPointsOf } from '#domain/readiness/agent-paths.ts';
import { isFargate } from '#domain/readiness/task-checks.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { PolicyOptions } from './policy-options.ts';

/** The one document of `ecsh policy` that is no IAM policy. */
export const TASK_DEFINITION = {
  name: 'task-definition',
  summary: 'volumes for the exec agent where the root file system is read-only',
};

/**
 * Prints what a task definition needs besides so that exec agents run on a read-only root file system: for
 * the task that is named, or for containers by name.
 *
 * @returns 0
 */
export async function printTaskDefinition(
  app: App,
  reporter: Reporter,
  options: PolicyOptions,
): Promise<number> {
  const { mounts, of } = await mountsFor(app, reporter, options);
  reporter.notice(`For ${of}: ${TASK_DEFINITION.summary}.`);
  if (mounts.length === 0) {
    reporter.notice(
      'None are missing: no container has a read-only root file system without them.',
    );
  } else {
    reporter.notice(
      'AWS documents neither the volumes nor their paths, and supports no read-only root.',
    );
  }
  const containers = [...new Set(mounts.map(({ container }) => container))];
  const fragment = {
    containerDefinitions: containers.map((name) => ({
      name,
      mountPoints: mountPointsOf(name, mounts),
    })),
    volumes: mounts.map(({ volume }) => ({ name: volume })),
  };
  app.stdout.write(`${jsonText(fragment, undefined, 2)}\n`);
  return 0;
}

async function mountsFor(app: App, reporter: Reporter, options: PolicyOptions) {
  const { target, container = 'app' } = options;
  if (target === undefined) {
    const names = container.split(',').map((name) => name.trim());
    const containerDefinitions = names.map((name) => ({ name, readonlyRootFilesystem: true }));
    const mounts = missingMounts({ containerDefinitions }, { isFargate: true });
    return { mounts, of: `a task definition with ${names.join(', ')}` };
  }
  const aws = awsPorts(app, options, target, traceAws(reporter));
  const { task } = await resolveTask(await aws.ecs(), targetRequest(options, target));
  const ecs = await aws.doctor.ecs();
  const definition = (await ecs.describeTaskDefinition(task.taskDefinitionArn)) ?? {};
  const mounts = missingMounts(definition, { isFargate: isFargate(task) });
  return { mounts, of: `task definition ${nameInArn(task.taskDefinitionArn)}` };
}
