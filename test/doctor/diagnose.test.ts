import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.ts';
import { AREAS } from '../../src/doctor/evidence.ts';
import { serviceOf } from '../../src/domain/selection.ts';
import { taskOfFixture } from '../domain/sample-task.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { expectedOf, fixtureFolders, portsOfFixture } from './fixture-ports.ts';

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
  it.each(fixtureFolders())('finds in %s what the fixture expects', async (folder) => {
    const { checks, ready } = expectedOf(folder);
    const { results, isReady } = await diagnosisOf(folder);
    const found = Object.fromEntries(results.map(({ id, status }) => [id, status]));
    expect({ ready: isReady, ...found }).toMatchObject({ ready, ...checks });
  });
});
