import { describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { FakeApp, run } from '#test/helpers/app.ts';

/** Cluster prod with service web. */
function cloud() {
  return new FakeApp({
    ecs: fakeEcs({ clusters: { prod: [] }, services: ['web'] }),
    doctor: fakeDoctor({
      ecs: {
        describeTaskDefinition: async () => undefined,
        describeService: async (cluster) => {
          if (cluster === 'prod') return undefined;
          throw new EcshError('cluster-not-found', 'Cluster not found.');
        },
      },
    }),
  });
}

describe('ecsh run in a place that does not exist', () => {
  it.each([
    ['prod/wbe', 'Cluster prod has no service "wbe". [service-not-found]\n  Did you mean web?'],
    ['pord/web', 'There is no cluster "pord" in us-east-1. [cluster-not-found]\n  Did you mean'],
    ['web', 'No cluster was named, and there is no cluster "default"'],
    ['prod/family:jobs', 'There is no task definition "jobs". [family-not-found]'],
  ])('%s names what there is', async (target, text) => {
    const { status, stderr } = await run(['run', target, '--', 'true'], cloud());
    expect([status, stderr]).toEqual([255, expect.stringContaining(text)]);
  });
});
