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

/** A container whose log is not in CloudWatch, and where to look instead. */
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
  if (log.logDriver !== 'awslogs') return unreadable(driverPlace(log.logDriver, log.options ?? {}));
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

/** Options that show where a driver writes (ECS API, LogConfiguration). Others may contain tokens. */
const ADDRESS_OPTIONS: Readonly<Record<string, string>> = {
  splunk: 'splunk-url',
  fluentd: 'fluentd-address',
  gelf: 'gelf-address',
  syslog: 'syslog-address',
};

/** Options that name the destination of a Fluent Bit output (manual of Fluent Bit, "Outputs"). */
const OUTPUT_PLACES = ['log_group_name', 'delivery_stream', 'stream', 'bucket', 'host'];

function driverPlace(driver: string, options: Readonly<Record<string, string>>): string {
  const place = DRIVER_PLACES[driver];
  if (place === undefined) return `its log driver is ${driver}`;
  if (driver === 'awsfirelens') return fireLensPlace(options) ?? place;
  const address = options[ADDRESS_OPTIONS[driver] ?? ''];
  return address === undefined ? place : `${place}: ${withoutPassword(address)}`;
}

/** Undefined if the router has its own configuration, which decides. */
function fireLensPlace(options: Readonly<Record<string, string>>): string | undefined {
  // Fluent Bit ignores the case of option names.
  const values = new Map(Object.entries(options).map(([key, text]) => [key.toLowerCase(), text]));
  const output = values.get('name') ?? values.get('@type');
  if (output === undefined) return undefined;
  const place = OUTPUT_PLACES.map((key) => values.get(key)).find((text) => text !== undefined);
  return `FireLens sends its log to ${output}${place === undefined ? '' : `, ${withoutPassword(place)}`}`;
}

function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//');
}
