import { describe, expect, it } from 'vitest';
import type { Task } from '#domain/resolve/task.ts';
import { startPhase } from '#run/start-phase.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ID = '4'.repeat(32);
const at = (seconds: number) => new Date(1_735_689_600_000 + seconds * 1_000);
const [CREATED, PULLING, PULLED, STARTED] = [at(0), at(10), at(20), at(30)];
const pending = (name: string) => sampleContainer(name, { lastStatus: 'PENDING' });
const agent = (lastStatus: string) => [{ name: 'ExecuteCommandAgent', lastStatus }];

describe('the phase of a new task', () => {
  it.each<readonly [Partial<Task>, string, Date | undefined]>([
    [
      { lastStatus: 'PROVISIONING', createdAt: CREATED },
      'PROVISIONING: waiting for capacity and a network interface',
      CREATED,
    ],
    [{ lastStatus: 'PENDING' }, 'PENDING: placed', undefined],
    [{ lastStatus: 'PENDING', pullStartedAt: PULLING }, 'PENDING: pulling the images', PULLING],
    [
      {
        lastStatus: 'PENDING',
        pullStartedAt: PULLING,
        pullStoppedAt: PULLED,
        containers: [sampleContainer('init'), pending('app')],
      },
      'PENDING: starting the containers (app next)',
      PULLED,
    ],
    [
      {
        lastStatus: 'PENDING',
        pullStartedAt: PULLING,
        pullStoppedAt: PULLED,
        containers: [sampleContainer('db', { healthStatus: 'UNHEALTHY' }), pending('app')],
      },
      'PENDING: starting the containers (db is UNHEALTHY, app next)',
      PULLED,
    ],
    [
      {
        lastStatus: 'RUNNING',
        startedAt: STARTED,
        containers: [sampleContainer('app', { managedAgents: agent('PENDING') })],
      },
      'RUNNING: exec agent is PENDING',
      STARTED,
    ],
    [
      {
        lastStatus: 'RUNNING',
        startedAt: STARTED,
        containers: [sampleContainer('app', { managedAgents: [] })],
      },
      'RUNNING: exec agent is not there yet',
      STARTED,
    ],
    [
      { lastStatus: 'RUNNING', startedAt: STARTED, containers: [pending('app')] },
      'RUNNING: container app is PENDING',
      STARTED,
    ],
    [{ lastStatus: 'DEACTIVATING' }, 'DEACTIVATING', undefined],
  ])('%j', (changes, text, since) => {
    expect(startPhase(sampleTask(ID, changes), 'app')).toEqual({ text, since });
  });
});
