import { describe, expect, it } from 'vitest';
import { isWindows, selectContainer } from '#domain/resolve/selection.ts';
import { fakeEcs } from '#test/fakes/fake-ecs.ts';
import { sampleContainer, sampleTask, taskOfFixture } from '#test/fakes/sample-task.ts';

const withContainers = (...names: readonly string[]) =>
  sampleTask('a1', { containers: names.map((name) => sampleContainer(name)) });
const essential = (name: string) => ({ name, essential: true });
const optional = (name: string) => ({ name, essential: false });

describe('selectContainer', () => {
  it.each([
    ['the only one', ['job'], 'job'],
    [
      'the one that is not a sidecar',
      ['ecs-service-connect-a1B2', 'job', 'aws-guardduty-agent-x'],
      'job',
    ],
    ['the only one, even if it is a sidecar', ['aws-guardduty-agent-x'], 'aws-guardduty-agent-x'],
    ['the one named like the service', ['log', 'web', 'site'], 'web'],
    ['the one named like the family', ['log', 'site'], 'site'],
  ])('takes %s without a call', async (_, names, expected) => {
    const ecs = fakeEcs({ clusters: {} });
    expect((await selectContainer(ecs, withContainers(...names))).name).toBe(expected);
    expect(ecs.calls).toEqual([]);
  });

  it('takes the only essential one', async () => {
    const ecs = fakeEcs({ clusters: {}, definitions: [essential('main'), optional('log')] });
    const task = withContainers('log', 'main', 'aws-guardduty-agent-x');
    expect((await selectContainer(ecs, task)).name).toBe('main');
    expect(ecs.calls).toEqual(['describeContainerDefinitions site:42']);
  });

  it('ignores a container that is missing in the task definition', async () => {
    const ecs = fakeEcs({ clusters: {}, definitions: [optional('main')] });
    expect((await selectContainer(ecs, withContainers('injected', 'main'))).name).toBe('main');
  });

  it('lists the candidates if several are left', async () => {
    const ecs = fakeEcs({ clusters: {}, definitions: [essential('one'), essential('two')] });
    const task = withContainers('one', 'two', 'aws-guardduty-agent-x');
    await expect(selectContainer(ecs, task)).rejects.toMatchObject({
      code: 'container-ambiguous',
      message: 'Task a1 has several containers: one, two.',
      hint: 'Choose one with -c, for example: -c one',
    });
  });

  it('takes the only one that has not ended', async () => {
    const ecs = fakeEcs({ clusters: {} });
    const init = sampleContainer('init', { lastStatus: 'STOPPED' });
    const task = sampleTask('a1', { containers: [init, sampleContainer('job')] });
    expect((await selectContainer(ecs, task)).name).toBe('job');
  });

  it('does not replace an ended container of that name by another one', async () => {
    const ecs = fakeEcs({ clusters: {} });
    const web = sampleContainer('web', { lastStatus: 'STOPPED' });
    const task = sampleTask('a1', { containers: [web, sampleContainer('log')] });
    expect((await selectContainer(ecs, task)).name).toBe('web');
  });

  it('suggests only running containers if there are any', async () => {
    const ecs = fakeEcs({ clusters: {}, definitions: [essential('one'), essential('two')] });
    const init = sampleContainer('init', { lastStatus: 'STOPPED' });
    const task = sampleTask('a1', {
      containers: [init, ...withContainers('one', 'two').containers],
    });
    await expect(selectContainer(ecs, task)).rejects.toMatchObject({
      message: 'Task a1 has several containers: one, two.',
      hint: 'Choose one with -c, for example: -c one',
    });
  });

  it('continues if the caller lacks permission to read the task definition', async () => {
    const ecs = fakeEcs({ clusters: {}, denied: ['describeContainerDefinitions'] });
    await expect(selectContainer(ecs, withContainers('one', 'two'))).rejects.toMatchObject({
      code: 'container-ambiguous',
    });
  });

  it.each([[{ inTarget: 'two' }], [{ option: 'two' }], [{ inTarget: 'two', option: 'two' }]])(
    'obeys %j',
    async (request) => {
      const ecs = fakeEcs({ clusters: {} });
      const found = await selectContainer(ecs, withContainers('web', 'two'), request);
      expect(found.name).toBe('two');
    },
  );

  it('refuses two different containers', async () => {
    const request = { inTarget: 'one', option: 'two' };
    const chosen = selectContainer(
      fakeEcs({ clusters: {} }),
      withContainers('one', 'two'),
      request,
    );
    await expect(chosen).rejects.toMatchObject({ code: 'container-conflict' });
  });

  it('names the containers if the named one does not exist', async () => {
    const request = { option: 'ap' };
    const chosen = selectContainer(
      fakeEcs({ clusters: {} }),
      withContainers('app', 'log'),
      request,
    );
    await expect(chosen).rejects.toMatchObject({
      code: 'container-not-found',
      message: 'Task a1 has no container "ap".',
      hint: 'Did you mean app? Its containers: app, log. Choose one with -c CONTAINER.',
    });
  });

  it.each([[{}], [{ option: 'app' }]])(
    'waits for a task without containers (%j)',
    async (request) => {
      const task = sampleTask('a1', { lastStatus: 'PROVISIONING', containers: [] });
      const chosen = selectContainer(fakeEcs({ clusters: {} }), task, request);
      await expect(chosen).rejects.toMatchObject({
        code: 'container-not-running',
        retryable: true,
      });
    },
  );
});

describe('isWindows', () => {
  it.each([
    ['Windows_Server_2019_Core', true],
    ['WINDOWS_SERVER_2022_FULL', true],
    ['Linux', false],
    [undefined, false],
  ])('of %s is %s', (platformFamily, expected) => {
    expect(isWindows(sampleTask('a1', { platformFamily }))).toBe(expected);
  });
});

it('takes the user container of the fixture with sidecars', async () => {
  const task = taskOfFixture('fargate-ready-sidecars');
  if (task === undefined) throw new Error('The fixture has a task.');
  expect((await selectContainer(fakeEcs({ clusters: {} }), task)).name).toBe('app');
});
