import { describe, expect, it } from 'vitest';
import type { Container } from '#domain/resolve/task.ts';
import { whyStopped } from '#run/why-stopped.ts';
import { sampleContainer, sampleTask } from '#test/fakes/sample-task.ts';

const ended = (name: string, exitCode: number, reason?: string) =>
  sampleContainer(name, { lastStatus: 'STOPPED', exitCode, reason });

function stopped(stoppedReason: string | undefined, containers: readonly Container[] = []) {
  const task = sampleTask('4'.repeat(32), { lastStatus: 'STOPPED', stoppedReason, containers });
  return whyStopped(task, 'app');
}

describe('the explanation of a stopped task', () => {
  it.each<readonly [string, RegExp]>([
    ['CannotPullContainerError: failed to resolve ref app:1: not found', /^Check the image/],
    ["CannotPullContainerError: no descriptor matching platform 'linux/amd64'", /processor/],
    ['CannotPullContainerError: write /x: no space left on device', /disk is full/],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException',
      /^Check the secrets/,
    ],
    [
      'ResourceInitializationError: failed to validate logger args: failed to create Cloudwatch log stream',
      /^Create the log group/,
    ],
    [
      'ResourceInitializationError: failed to invoke EFS utils commands: mount.nfs4: timed out',
      /cannot mount/,
    ],
    [
      'CannotStartContainerError: ResourceInitializationError: exec: "sh": executable file not found in $PATH',
      /no sh/,
    ],
    ['OutOfMemoryError: Container killed due to memory usage', /--memory/],
    ['app depends on a container that failed.', /dependsOn/],
    ['Your Spot Task was interrupted.', /took the capacity back/],
    ['Task stopped by user', /CloudTrail/],
  ])('has a hint for: %s', (reason, hint) => {
    const { reason: text, hint: said } = stopped(reason);
    expect(text).toBe(`${reason.replace(/\.$/, '')}.`);
    expect(said).toMatch(hint);
  });

  it('names an ENTRYPOINT that did not wait', () => {
    expect(stopped('Essential container in task exited', [ended('app', 2)])).toEqual({
      reason: 'Essential container in task exited. Container app ended with status 2.',
      hint: 'The ENTRYPOINT of the image may not run the arguments that it gets. Give it the command itself:  ecsh run --no-shell  (or --detach, to leave it running)',
    });
  });

  it('names a container that did not become healthy in time', () => {
    const db = sampleContainer('db', { lastStatus: 'STOPPED', healthStatus: 'UNHEALTHY' });
    expect(stopped('Container app gave up: db did not start', [db])).toEqual({
      reason: 'Container app gave up: db did not start. Container db failed its health check.',
      hint: 'A container failed its health check: see its log, and what its command needs.',
    });
  });

  it.each([143, 0])('names an essential sidecar that ended before app ended with %d', (status) => {
    const containers = [ended('app', status), ended('proxy', 9)];
    expect(stopped('Essential container in task exited', containers)).toEqual({
      reason: 'Essential container in task exited. Container proxy ended with status 9.',
      hint: 'Container proxy is essential and ended, so ECS stopped the task. Repair it, or make it essential: false.',
    });
  });

  it.each([
    ['UserInitiated', /CloudTrail/],
    ['SpotInterruption', /took the capacity back/],
  ])('uses the stop code %s before the reason', (stopCode, hint) => {
    const task = sampleTask('4'.repeat(32), { stopCode, stoppedReason: 'Deployed by hand' });
    expect(whyStopped(task, 'app').hint).toMatch(hint);
  });

  it('does not suggest --detach for a detached command', () => {
    const tags = [{ key: 'ecsh:run-detached', value: 'app' }];
    const task = sampleTask('4'.repeat(32), { tags, stoppedReason: undefined });
    expect(whyStopped(task, 'app').hint).toBe(
      `See more of it:  ecsh describe prod/${'4'.repeat(32)}`,
    );
  });

  it('names a reason once, and no reason if ECS has none', () => {
    const reason = 'OutOfMemoryError';
    expect(stopped(reason, [ended('app', 137, reason)]).reason).toBe(
      'OutOfMemoryError. Container app ended with status 137.',
    );
    expect(stopped(undefined).reason).toContain('ECS gives no reason.');
  });
});
