import type { TaskDefinitionDetails } from '#domain/ports/ecs-responses.ts';
import type { Task } from '#domain/resolve/task.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import type { FakeLog } from '#test/fakes/fake-log.ts';
import { FakeApp } from '#test/helpers/app.ts';

/** Service prod/web, whose containers write to a log group. */
export interface LogWorld {
  readonly log: FakeLog;
  /** Read again by each call. */
  readonly tasks: () => readonly Task[];
  readonly definition: TaskDefinitionDetails;
}

export function logApp({ log, tasks, definition }: LogWorld): FakeApp {
  return new FakeApp({
    ecs: fakeEcs({
      clusters: {
        get prod() {
          return tasks();
        },
      },
      services: ['web'],
    }),
    logEvents: async () => log,
    doctor: fakeDoctor({ ecs: { describeTaskDefinition: async () => definition } }),
  });
}

/** The definitions of containers that log to this group, as ecs/CONTAINER/TASK. */
export function loggedTo(group: string, ...containers: readonly string[]): TaskDefinitionDetails {
  const options = { 'awslogs-group': group, 'awslogs-stream-prefix': 'ecs' };
  return {
    containerDefinitions: containers.map((name) => ({
      name,
      logConfiguration: { logDriver: 'awslogs', options },
    })),
  };
}
