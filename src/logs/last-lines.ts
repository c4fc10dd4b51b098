import type { TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import type { LogEventsApi } from '#domain/ports/log-ports.ts';
import type { Task } from '#domain/resolve/task.ts';
import { LogGroups } from './log-groups.ts';
import { logPlaceOf } from './log-streams.ts';

export interface LastLinesPorts {
  describeTaskDefinition(arn: string): Promise<TaskDefinitionDetails | undefined>;
  logEvents(region: string | undefined): Promise<LogEventsApi>;
}

/** The last lines that the failed containers of a task wrote, or all of its containers if none failed. */
export async function lastLines(
  { describeTaskDefinition, logEvents }: LastLinesPorts,
  task: Task,
  count: number,
): Promise<readonly string[]> {
  const definition = await describeTaskDefinition(task.taskDefinitionArn);
  const failed = task.containers.filter(({ exitCode = 0 }) => exitCode !== 0);
  const streams = (failed.length > 0 ? failed : task.containers).flatMap((container) => {
    const defined = definition?.containerDefinitions?.find(({ name }) => name === container.name);
    const place = logPlaceOf(task, container, defined);
    return place.kind === 'stream' ? [place.stream] : [];
  });
  const groups = new LogGroups({
    logEvents,
    from: undefined,
    until: undefined,
    pattern: undefined,
  });
  const lines = await groups.tail(streams, count);
  return lines
    .flatMap(({ event }) => event.message.replace(/\r?\n$/, '').split(/\r?\n/))
    .slice(-count);
}
