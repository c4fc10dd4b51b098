import { describe, expect, it } from 'vitest';
import { keyedCluster } from '#test/fakes/doctor-setup.ts';
import { verdictAndFixOf } from '#test/fakes/doctor-verdict.ts';
import {
  BY_BOUNDARY,
  BY_SCP,
  DENIED,
  EXPLICIT,
  KEY,
  type World,
} from '#test/fakes/doctor-world.ts';

const KEYED: World = {
  cluster: keyedCluster(KEY),
  answers: { keys: { describeKey: async () => ({ Arn: KEY, KeyState: 'Enabled' }) } },
};

describe('permissions', () => {
  it.each<[string, World, string, RegExp]>([
    [
      'an SCP denies the caller',
      { rules: [['user.* ecs:ExecuteCommand', BY_SCP]] },
      'not ready: caller-execute-command',
      /Ask|administrator|owner/,
    ],
    [
      'a permissions boundary blocks the caller',
      { rules: [['user.* ecs:ExecuteCommand', BY_BOUNDARY]] },
      'not ready: caller-execute-command',
      /Ask|owner|boundary/,
    ],
    [
      'an SCP denies the channels',
      { rules: [['app-task-role ssmmessages', BY_SCP]] },
      'not ready: task-role-ssmmessages',
      /Ask/,
    ],
    [
      'a permissions boundary blocks the channels',
      { rules: [['app-task-role ssmmessages', BY_BOUNDARY]] },
      'not ready: task-role-ssmmessages',
      /Ask/,
    ],
    [
      'one channel action is missing',
      { rules: [['app-task-role ssmmessages:OpenControlChannel', DENIED]] },
      'not ready: task-role-ssmmessages',
      /put-role-policy/,
    ],
    [
      'the caller lacks permission for DescribeTasks',
      { rules: [['user.* ecs:DescribeTasks', DENIED]] },
      'not ready: caller-execute-command',
      /ecsh policy caller -C prod/,
    ],
    [
      'the caller lacks permission for the task',
      { rules: [['user.* ecs:ExecuteCommand .*task/', EXPLICIT]] },
      'not ready: caller-execute-command',
      /deny-it/,
    ],
    [
      'the caller lacks permission for the cluster',
      { rules: [['user.* ecs:ExecuteCommand .*cluster/', DENIED]] },
      'not ready: caller-execute-command',
      /./,
    ],
    [
      'the caller lacks permission for GenerateDataKey',
      { ...KEYED, rules: [['user.* kms:GenerateDataKey', DENIED]] },
      'not ready: caller-kms-generate-data-key',
      /ecsh policy caller-kms/,
    ],
    [
      'an explicit Deny of GenerateDataKey',
      { ...KEYED, rules: [['user.* kms:GenerateDataKey', EXPLICIT]] },
      'not ready: caller-kms-generate-data-key',
      /Ask/,
    ],
    [
      'an explicit Deny of Decrypt',
      { ...KEYED, rules: [['app-task-role kms:Decrypt', EXPLICIT]] },
      'not ready: task-role-kms-decrypt',
      /Ask/,
    ],
  ])('%s', async (_name, world, expected, fix) => {
    const found = await verdictAndFixOf(world);
    expect(found).toEqual({ verdict: expected, fix: expect.stringMatching(fix) });
  });
});
