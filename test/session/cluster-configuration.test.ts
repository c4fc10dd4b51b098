import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { describeConfiguration } from '#session/cluster-configuration.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { ManualClock, settle } from '#test/fakes/manual-clock.ts';

const CONFIGURATION = { logging: 'OVERRIDE', kmsKeyId: 'alias/logs' } as const;
const BUSY = new EcshError('throttled', 'AWS is limiting the rate.', { retryable: true });
const DENIED = new EcshError('access-denied', 'You may not ecs:DescribeClusters.');

/** Requests the configuration of cluster `prod`; each answer is for one call. */
function ask(
  answers: readonly unknown[],
  changes: { allowUnencrypted?: boolean; wait?: number } = {},
) {
  const clock = new ManualClock();
  const queue = [...answers];
  const details: string[] = [];
  const ecs = async () => ({
    ...fakeEcs({ clusters: {} }),
    describeExecConfiguration: async (cluster: string) => {
      expect(cluster).toBe('prod');
      const answer = queue.shift();
      if (answer instanceof Error) throw answer;
      return CONFIGURATION;
    },
  });
  const { allowUnencrypted, wait = 0 } = changes;
  const retryPolicy = { clock, waitMs: wait, retries: 0, onWait: () => undefined };
  const query = { target: 'prod/web', allowUnencrypted };
  const asked = describeConfiguration(ecs, query, retryPolicy, (text) => details.push(text));
  return { asked, clock, details };
}

describe('the configuration of a cluster', () => {
  it('is the response of ECS', async () => {
    expect(await ask([CONFIGURATION]).asked).toEqual(CONFIGURATION);
  });

  it('is unknown without permission, with a note in the debug log', async () => {
    const { asked, details } = ask([DENIED]);
    expect(await asked).toEqual({ isUnknown: true });
    expect(details).toEqual([
      'Whether cluster prod encrypts its sessions is not known: You may not ecs:DescribeClusters.',
    ]);
  });

  it.each([
    ['ECS is busy', BUSY],
    ['ECS fails', new EcshError('service-unavailable', 'ECS failed.', { retryable: true })],
    ['the network fails', new EcshError('service-unavailable', 'No route.')],
  ])(
    'is an error if %s, because encryption must not be skipped silently',
    async (_name, failure) => {
      await expect(ask([failure]).asked).rejects.toMatchObject({
        code: 'encryption-unknown',
        message: `ecsh cannot find out whether cluster prod encrypts its sessions: ${failure.message}`,
        hint: 'Try again, or go on without knowing:  --allow-unencrypted',
        retryable: failure.retryable,
        cause: failure,
      });
    },
  );

  it('is unknown with --allow-unencrypted if ECS is busy', async () => {
    const { asked, details } = ask([BUSY], { allowUnencrypted: true });
    expect(await asked).toEqual({ isUnknown: true });
    expect(details).toHaveLength(1);
  });

  it('is requested again with --wait if ECS is busy', async () => {
    const { asked, clock } = ask([BUSY, BUSY, CONFIGURATION], { wait: 10_000 });
    await settle();
    await clock.advance(1_000);
    await clock.advance(2_000);
    expect(await asked).toEqual(CONFIGURATION);
  });

  it('does not hide a bug in ecsh', async () => {
    await expect(ask([new TypeError('no')]).asked).rejects.toThrow(TypeError);
  });
});
