import { describe, expect, it } from 'vitest';
import { diagnose } from '#doctor/diagnose.ts';
import { AREAS } from '#doctor/evidence.ts';
import { serviceOf } from '#domain/resolve/selection.ts';
import { expectedOf, fixtureFolders, portsOfFixture } from '#test/fakes/fixture-ports.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { taskOfFixture } from '#test/fakes/sample-task.ts';

const diagnosisOf = async (folder: string) => {
  const task = folder === 'service-code-deploy' ? undefined : taskOfFixture(folder);
  const { target } = expectedOf(folder);
  return diagnose({
    subject: {
      task,
      cluster: 'prod',
      containerName: target ?? undefined,
      service: task === undefined ? 'bg' : serviceOf(task),
    },
    areas: new Set(AREAS),
    ports: portsOfFixture(folder),
    clock: new ManualClock(),
    isTerminal: false,
  });
};

describe('diagnose', () => {
  it.each(fixtureFolders())('finds the expected cause in %s', async (folder) => {
    const { checks, ready } = expectedOf(folder);
    const { results, isReady } = await diagnosisOf(folder);
    const found = Object.fromEntries(results.map(({ id, status }) => [id, status]));
    expect({ ready: isReady, ...found }).toMatchObject({ ready, ...checks });
  });
});
