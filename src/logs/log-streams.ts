import type { ContainerDetails } from '#domain/ports/ecs-responses.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { Container, Task } from '#domain/resolve/task.ts';

/** The log stream of one container in one task. */
export interface LogStream {
  readonly group: string;
  readonly stream: string;
  /** Undefined: the region of the task. */
  readonly region: string | undefined;
  readonly task: string;
  readonly container: string;
}

/** The same for the streams of one group in one region. */
export function groupKey({ group, region = '' }: LogStream): string {
  return `${region} ${group}`;
}

/** A container whose log CloudWatch does not hold, and where to look instead. */
export interface UnreadableLog {
  readonly container: string;
  readonly reason: string;
}

export type LogPlace =
  | { readonly kind: 'stream'; readonly stream: LogStream }
  | { readonly kind: 'unreadable'; readonly log: UnreadableLog };

/**
 * Where the log of a container is, by the log driver of its definition. The stream of the awslogs
 * driver is PREFIX/CONTAINER/TASK-ID; on EC2 without a prefix it is the container's Docker id
 * (ECS developer guide, "Send Amazon ECS logs to CloudWatch").
 */
export function logPlaceOf(
  task: Task,
  container: Pick<Container, 'name' | 'runtimeId'>,
  definition: Pick<ContainerDetails, 'logConfiguration'> | undefined,
): LogPlace {
  const { name } = container;
  const unreadable = (reason: string): LogPlace => ({
    kind: 'unreadable',
    log: { container: name, reason },
  });
  const log = definition?.logConfiguration;
  if (log?.logDriver === undefined) return unreadable('its definition has no logConfiguration');
  if (log.logDriver !== 'awslogs') return unreadable(driverPlace(log.logDriver));
  const group = log.options?.['awslogs-group'];
  if (group === undefined) return unreadable('its definition names no awslogs-group');
  const stream = streamName(task, container, log.options?.['awslogs-stream-prefix']);
  if (stream === undefined) return unreadable('it has no log stream yet');
  const region = log.options?.['awslogs-region'];
  return {
    kind: 'stream',
    stream: { group, stream, region, task: nameInArn(task.taskArn), container: name },
  };
}

function streamName(
  task: Task,
  { name, runtimeId }: Pick<Container, 'name' | 'runtimeId'>,
  prefix: string | undefined,
): string | undefined {
  return prefix === undefined ? runtimeId : `${prefix}/${name}/${nameInArn(task.taskArn)}`;
}

const DRIVER_PLACES: Readonly<Record<string, string>> = {
  awsfirelens: 'FireLens routes its log: look at the output that its router is configured with',
  splunk: 'its log goes to Splunk',
  fluentd: 'its log goes to a Fluentd server',
  gelf: 'its log goes to a GELF server, such as Graylog or Logstash',
  syslog: 'its log goes to syslog on the instance, or to the server that the driver names',
  journald: 'its log is in the journal of the instance: journalctl CONTAINER_NAME=…',
  'json-file': 'its log is a file on the instance: docker logs CONTAINER',
  local: 'its log is a file on the instance: docker logs CONTAINER',
  none: 'its log is switched off (log driver none)',
};

function driverPlace(driver: string): string {
  return DRIVER_PLACES[driver] ?? `its log driver is ${driver}`;
}
