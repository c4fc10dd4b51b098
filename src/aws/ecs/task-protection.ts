import {
  type Failure,
  GetTaskProtectionCommand,
  type ProtectedTask,
  UpdateTaskProtectionCommand,
} from '@aws-sdk/client-ecs';
import { EcshError } from '#domain/errors/errors.ts';
import type { TaskProtectionApi } from '#domain/ports/protection-ports.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import type { EcsConnection } from './ecs-connection.ts';

/** A successful answer may contain failures. */
interface Answer {
  readonly protectedTasks?: ProtectedTask[] | undefined;
  readonly failures?: Failure[] | undefined;
}

/** `TaskProtectionApi` over the AWS SDK. */
export function createTaskProtection({ client, call }: EcsConnection): TaskProtectionApi {
  const update = async (cluster: string, task: string, minutes: number | undefined) => {
    const command = new UpdateTaskProtectionCommand({
      cluster,
      tasks: [task],
      protectionEnabled: minutes !== undefined,
      expiresInMinutes: minutes,
    });
    const answer = await call('UpdateTaskProtection', { cluster, task }, () =>
      client.send(command),
    );
    return onlyTask(answer, task);
  };
  return {
    async protectedUntil(cluster, task) {
      const command = new GetTaskProtectionCommand({ cluster, tasks: [task] });
      const answer = await call('GetTaskProtection', { cluster, task }, () => client.send(command));
      const { protectionEnabled, expirationDate } = onlyTask(answer, task);
      return protectionEnabled ? expirationDate : undefined;
    },

    async protect(cluster, task, minutes) {
      const { expirationDate } = await update(cluster, task, minutes);
      if (expirationDate !== undefined) return expirationDate;
      throw refused(task, 'it gives no expiration date');
    },

    async unprotect(cluster, task) {
      await update(cluster, task, undefined);
    },
  };
}

function onlyTask({ protectedTasks = [], failures = [] }: Answer, task: string): ProtectedTask {
  const [found] = protectedTasks;
  if (found !== undefined) return found;
  const [{ reason = 'no reason given', detail } = {}] = failures;
  throw refused(task, detail === undefined ? reason : `${reason}: ${detail}`);
}

function refused(task: string, reason: string): EcshError {
  const message = `ECS does not protect task ${nameInArn(task)} from scale-in (${reason}).`;
  return new EcshError('protection-refused', message, {
    hint: 'Only running tasks of services can be protected. Leave out --protect.',
  });
}
