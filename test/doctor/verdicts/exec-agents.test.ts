import { describe, expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { agentWith, appTask, instance, NO_AGENT, windows } from '#test/fakes/doctor-setup.ts';
import { leadOf } from '#test/fakes/doctor-verdict.ts';
import { diagnosisOf, EC2_TASK, TASK, type World } from '#test/fakes/doctor-world.ts';

const exited = (code: number) => ({
  lastStatus: 'STOPPED',
  reason: `ExecuteCommandAgent process exited with exit code: ${code}`,
});

function image(name: string, created: string, task: Partial<Task>): World {
  const world = instance({ attributes: [{ name: 'ecs.ami-id', value: 'ami-1' }] }, task);
  const details = { Name: name, CreationDate: created };
  return {
    ...world,
    answers: { ...world.answers, ec2: { describeImage: async () => details } },
  };
}

describe('an exec agent that is not running', () => {
  const DROP_ALL = { linuxParameters: { capabilities: { drop: ['ALL'] } } };

  it.each<[string, World, string, RegExp]>([
    [
      'was killed for lack of memory',
      appTask({ memory: 64 }, agentWith(exited(137))),
      'memory-headroom',
      /^The exec agent of app was killed \(exit code 137\), as when app runs out of its 64 MiB\.$/,
    ],
    [
      'was killed, and the root is read-only too',
      appTask({ memory: 512, readonlyRootFilesystem: true }, agentWith(exited(137))),
      'memory-headroom',
      /runs out of its 512 MiB/,
    ],
    [
      'has little memory and a writable root',
      appTask({ memory: 64 }, agentWith(exited(1))),
      'memory-headroom',
      /64 MiB, too little for the exec agent/,
    ],
    [
      'has little memory and a read-only root',
      appTask({ memory: 64, readonlyRootFilesystem: true }, agentWith(exited(1))),
      'readonly-root-fs',
      /read-only root file system/,
    ],
    [
      'runs without capabilities',
      appTask({ memory: 512, ...DROP_ALL }, agentWith(exited(1))),
      'linux-capabilities',
      /drops all capabilities, and its exec agent has exited/,
    ],
    [
      'exited for no known cause',
      appTask({ memory: 512 }, agentWith(exited(1))),
      'exec-agent-status',
      /exit code: 1\)\. It ran and exited\. Possible cause: another SSM agent in the image\.$/,
    ],
    [
      'exited on Windows, which has no read-only root',
      {
        ...windows({}, 'WINDOWS_SERVER_2022_CORE'),
        task: { ...EC2_TASK, ...agentWith(exited(1)) },
      },
      'exec-agent-status',
      /^(?!.*read-only)(?!.*capabilities).*SSM agent in the image/,
    ],
    [
      'is missing on an AMI older than exec agents',
      image('amzn2-ami-ecs-hvm-2.0', '2020-11-14T00:00:00Z', NO_AGENT),
      'instance-ami',
      /It is from 2020-11-14, before images held the exec agent\./,
    ],
    [
      'is missing on an unsupported system',
      image('Flatcar-stable-3510', '2024-01-01T00:00:00Z', NO_AGENT),
      'instance-ami',
      /Systems Manager does not support its operating system/,
    ],
    [
      'cannot run on Nano Server, with any version of the ECS agent',
      {
        ...windows(
          { image: 'mcr.microsoft.com/windows/nanoserver:ltsc2022' },
          'WINDOWS_SERVER_2022_CORE',
        ),
        task: { ...EC2_TASK, ...NO_AGENT },
        answers: {
          ecs: {
            describeContainerInstance: async () => ({
              agentConnected: true,
              versionInfo: { agentVersion: '1.48.0' },
            }),
          },
        },
      },
      'nano-server',
      /runs Nano Server/,
    ],
    [
      'has been PENDING for months',
      appTask({}, agentWith({ lastStatus: 'PENDING' })),
      'exec-agent-status',
      /has been PENDING since 1970-01-01T00:00:00\.000Z, and will not start any more/,
    ],
  ])('%s', async (_name, world, lead, message) => {
    const given = lead === 'exec-agent-status' ? old(world) : world;
    const found = await leadOf(given);
    expect(found.isReady).toBe(false);
    expect(found.lead).toMatchObject({ id: lead, message: expect.stringMatching(message) });
  });

  it('is transient after only a minute in PENDING', async () => {
    const { of } = await diagnosisOf(appTask({}, agentWith({ lastStatus: 'PENDING' })));
    expect(of('exec-agent-status')).toMatchObject({
      retryable: true,
      message: 'The exec agent of container app is PENDING.',
    });
  });
});

/** The same world with a task that started long before the time of these tests. */
function old(world: World): World {
  const task = world.task ?? TASK;
  return { ...world, task: { ...task, startedAt: new Date(0) } };
}
