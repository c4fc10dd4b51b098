import { describe, expect, it } from 'vitest';
import { setup } from '#test/fakes/doctor-setup.ts';
import { denied, diagnosisOf, EC2_TASK, type World } from '#test/fakes/doctor-world.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

/** A task that run-task placed through a capacity provider; it has no exec agent by default. */
function placed(describeCapacityProvider: () => Promise<object>, hasAgent = false): World {
  const containers = [sampleContainer('app', hasAgent ? {} : { managedAgents: [] })];
  return setup({
    task: sampleTask('a1', {
      ...EC2_TASK,
      group: 'family:job',
      capacityProviderName: 'asg',
      containers,
    }),
    service: undefined,
    answers: { ecs: { describeCapacityProvider } },
  });
}

const provider = (status: string) => async () => ({
  name: 'asg',
  autoScalingGroupProvider: { managedScaling: { status } },
});

describe('async-placement', () => {
  it.each<[string, World, string, RegExp]>([
    [
      'fails with managed scaling',
      placed(provider('ENABLED')),
      'fail',
      /asg, whose managed scaling/,
    ],
    [
      'passes without managed scaling',
      placed(provider('DISABLED')),
      'pass',
      /asg has no managed scaling/,
    ],
    [
      'warns if the task has an exec agent',
      placed(provider('ENABLED'), true),
      'warn',
      /managed scaling/,
    ],
    [
      'fails with a condition in its message if it cannot describe the provider',
      placed(denied),
      'fail',
      /If managed scaling/,
    ],
  ])('%s', async (_, world, status, message) => {
    const result = (await diagnosisOf(world)).of('async-placement');
    expect(result).toMatchObject({ status, message: expect.stringMatching(message) });
  });
});
