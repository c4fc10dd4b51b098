import { randomUUID } from 'node:crypto';
import type { App, AwsPorts } from '#commands/app.ts';
import { traceAws } from '#commands/aws-trace.ts';
import { isConfirmed } from '#commands/confirmation.ts';
import { jsonText, writeJsonLine } from '#commands/json-output.ts';
import { awsFlags } from '#commands/shared-options.ts';
import { awsPorts, targetRequest } from '#commands/target-request.ts';
import { ecshCommand } from '#domain/errors/aws-command.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { NetworkInterfaceDetails } from '#domain/ports/ec2-responses.ts';
import type { RunTaskRequest } from '#domain/ports/ecs-admin-ports.ts';
import type { CheckResult } from '#domain/readiness/readiness-model.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { resolveTask } from '#domain/resolve/resolve.ts';
import type { Task } from '#domain/resolve/task.ts';
import {
  assertStandalone,
  attachedInterface,
  cloneRequest,
  runTaskFailed,
  withoutValues,
} from '#rollout/task-clone.ts';
import { waitForStart } from '#rollout/task-start.ts';
import { plainText } from '#ui/plain-text.ts';
import type { Reporter } from '#ui/reporter.ts';
import { type ChangeOptions, progressOf, stopOnSignal, timeText } from './follow-rollout.ts';
import { assertWorthwhile, preflight } from './preflight.ts';

export interface TaskCloneOptions extends ChangeOptions {
  readonly subnet: readonly string[];
  readonly securityGroup: readonly string[];
  /** Undefined: as the task has it. */
  readonly publicIp?: boolean | undefined;
}

/**
 * Starts a copy of the named task that can be entered.
 *
 * @returns 0; 1 when the user declined
 */
export async function runTaskClone(
  app: App,
  reporter: Reporter,
  options: TaskCloneOptions,
): Promise<number> {
  const aws = awsPorts(app, options, options.target, traceAws(reporter));
  const ecs = await aws.ecs();
  const found = await resolveTask(ecs, targetRequest(options, options.target));
  for (const notice of found.notices) reporter.notice(notice);
  const { cluster, task } = found;
  assertStandalone(task);
  const request = await requestOf(aws, task, options);
  const flags = awsFlags(options);
  const { findings, isProven } = await preflight(app, aws.doctor, {
    cluster,
    // RunTask takes the latest platform.
    tasks: [{ ...task, platformVersion: '1.4.0' }],
    flags,
    needsTaskRole: true,
  });
  const lines = describeClone(task, request, findings);
  if (options.dryRun) {
    showRequest(app, options, lines, request);
    return findings.some(({ status }) => status === 'fail') && !options.force ? 1 : 0;
  }
  for (const line of lines) reporter.notice(line);
  if (!options.force) assertWorthwhile(findings);
  const command = ['enable', 'task', `${cluster}/${nameInArn(task.taskArn)}`];
  const again = ecshCommand([...command, ...networkWords(options)], flags);
  if (!(await isConfirmed(app, options, 'Start this task?', again))) {
    reporter.notice('Nothing was started.');
    return 1;
  }
  const answer = await (await aws.admin()).runTask(request);
  const [started] = answer.tasks;
  if (started === undefined) throw runTaskFailed(answer.failures);
  return follow(app, reporter, { aws, options, cluster, started, isProven });
}

function networkWords({ subnet, securityGroup, publicIp }: TaskCloneOptions): readonly string[] {
  return [
    ...subnet.flatMap((id) => ['--subnet', id]),
    ...securityGroup.flatMap((id) => ['--security-group', id]),
    ...(publicIp === undefined ? [] : [publicIp ? '--public-ip' : '--no-public-ip']),
  ];
}

/** Prints the request to stdout: it is the requested data. */
function showRequest(
  app: App,
  options: TaskCloneOptions,
  lines: readonly string[],
  request: RunTaskRequest,
): void {
  const input = withoutValues(request);
  if (options.json) writeJsonLine(app.stdout, { operation: 'RunTask', input });
  else {
    const text = [...lines, 'RunTask', jsonText(input, undefined, 2)].join('\n');
    app.stdout.write(plainText(`${text}\n`));
  }
}

async function requestOf(aws: AwsPorts, task: Task, options: TaskCloneOptions) {
  const [ecs, admin] = await Promise.all([aws.ecs(), aws.admin()]);
  const { clusterArn, taskArn } = task;
  const [[tagged = task], overrides, networkInterface] = await Promise.all([
    ecs.describeTasks(clusterArn, [taskArn], { tags: true }),
    admin.taskOverrides(clusterArn, taskArn),
    interfaceIfAllowed(aws, task, options),
  ]);
  return cloneRequest({
    task: tagged,
    overrides,
    networkInterface,
    subnets: options.subnet,
    securityGroups: options.securityGroup,
    assignsPublicIp: options.publicIp,
    clientToken: randomUUID(),
  });
}

/** Only the network interface has the security groups and the public address; without it the user must name them. */
async function interfaceIfAllowed(
  { doctor }: AwsPorts,
  task: Task,
  { securityGroup }: TaskCloneOptions,
): Promise<NetworkInterfaceDetails | undefined> {
  const id = attachedInterface(task)?.id;
  if (id === undefined) return undefined;
  try {
    return await (await doctor.ec2()).describeNetworkInterface(id);
  } catch (error) {
    if (
      error instanceof EcshError &&
      (securityGroup.length > 0 || error.code === 'access-denied')
    ) {
      return undefined;
    }
    throw error;
  }
}

function describeClone(
  task: Task,
  request: RunTaskRequest,
  findings: readonly CheckResult[],
): readonly string[] {
  const { networkConfiguration, launchType, capacityProviderStrategy, overrides } = request;
  const network = networkConfiguration?.awsvpcConfiguration;
  const [provider] = capacityProviderStrategy ?? [];
  const isOnInstances = provider !== undefined && !provider.capacityProvider.startsWith('FARGATE');
  return [
    `Like task ${nameInArn(task.taskArn)} in cluster ${request.cluster}, with ECS Exec on:`,
    `  Task definition ${nameInArn(request.taskDefinition)}, on ${provider?.capacityProvider ?? launchType ?? "the cluster's default"}`,
    ...(network === undefined
      ? []
      : [
          `  Network ${[...network.subnets, ...network.securityGroups].join(', ')}, public address ${network.assignPublicIp === 'ENABLED' ? 'yes' : 'no'}`,
        ]),
    ...(overrides === undefined
      ? []
      : [`  With its overrides: ${Object.keys(overrides).join(', ')}`]),
    '  Note: It does the work of that task a second time; the task itself keeps running.',
    ...(isOnInstances
      ? [
          '  Note: If managed scaling places it before an instance is there, ECS Exec cannot work in it.',
        ]
      : []),
    ...findings.map(
      ({ status, message }) => `  ${status === 'fail' ? 'Obstacle' : 'Note'}: ${message}`,
    ),
  ];
}

interface Started {
  readonly aws: AwsPorts;
  readonly options: TaskCloneOptions;
  readonly cluster: string;
  readonly started: Task;
  /** Role and network were seen as a whole, and nothing is in the way. */
  readonly isProven: boolean;
}

async function follow(app: App, reporter: Reporter, clone: Started): Promise<number> {
  const { options, cluster, started } = clone;
  const task = nameInArn(started.taskArn);
  const enter = ecshCommand([`${cluster}/${task}`], awsFlags(options));
  reporter.notice(`Task ${task} was started.`);
  if (options.wait !== false) {
    await untilReady(app, reporter, clone, enter);
    reporter.notice(
      clone.isProven ? 'It can be entered:' : 'Its exec agent runs. See whether a session opens:',
    );
  }
  reporter.notice(`  ${enter}`);
  const outcome = options.wait === false ? 'started' : 'ready';
  if (options.json) writeJsonLine(app.stdout, { cluster, task, outcome });
  return 0;
}

/** @throws EcshError `task-timeout` (124), `interrupted` (128 + n), `task-not-ready` (1) */
async function untilReady(
  app: App,
  reporter: Reporter,
  { aws, options, started }: Started,
  enter: string,
): Promise<void> {
  const stop = stopOnSignal(app);
  const progress = progressOf(app, reporter, options);
  try {
    const { kind, state } = await waitForStart(await aws.ecs(), {
      clock: app.clock,
      task: started,
      timeoutMs: options.timeout,
      signal: stop.signal,
      onProgress: (text) => progress.update(text),
    });
    const hint = `The task keeps running. Enter it as soon as it is ready:  ${enter} --wait 5m`;
    if (kind === 'timeout') {
      const message = `Not ready after ${timeText(options.timeout)}: ${state}.`;
      throw new EcshError('task-timeout', message, { hint, exitCode: ExitStatus.timeout });
    }
    if (kind === 'interrupted') {
      const exitCode = signalStatus(stop.by());
      throw new EcshError('interrupted', `Stopped watching: ${state}.`, { hint, exitCode });
    }
  } finally {
    progress.end();
    stop.forget();
  }
}
