import { afterAll, beforeAll, expect, it } from 'vitest';
import { Lab } from '#test/helpers/e2e.ts';

const rollout = { taskStartMs: 300, agentStartMs: 200, drainMs: 100 };
const crash = { ...rollout, outcome: 'crash', stoppedReason: 'Essential container in task exited' };
const off = { enableExecuteCommand: false, containers: [{ name: 'app' }], rollout };
const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({
    timings: { outputDelayMs: 20, startFailureMs: 20 },
    clusters: [
      {
        name: 'lab',
        services: [
          { name: 'piped', count: 2, ...off },
          { name: 'asked', count: 2, ...off },
          { name: 'left', ...off },
          // Its agents run before the deployment completes, so a later check never finds them starting.
          { name: 'watched', ...off, rollout: { ...rollout, agentStartMs: 50 } },
          { name: 'crashing', ...off, rollout: crash },
          { name: 'broken', ...off, rollout: crash, deploymentConfiguration: breaker },
          { name: 'full', launchType: 'EC2', ...off, rollout: { outcome: 'unplaceable' } },
          { name: 'bg', controller: 'CODE_DEPLOY', ...off },
          { name: 'roleless', hasTaskRole: false, ...off },
        ],
        tasks: [{ family: 'job', enableExecuteCommand: false, containers: [{ name: 'job' }] }],
      },
    ],
  });
});

afterAll(() => lab.stop());

const SLOW = 30_000;

/** Ids differ in each run. */
function withoutIds(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{32}\b/g, 'ID').replaceAll(/ecs-svc\/\d+/g, 'ecs-svc/N');
}

it.concurrent(
  'rolls a service over and prints only changes to a pipe; exec then works in its tasks',
  async () => {
    const { status, stdout, stderr } = await lab.run(['enable', 'lab/piped', '--yes']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(withoutIds(stderr).split('\n').slice(-6)).toEqual([
      'Deployment ecs-svc/N has begun.',
      '0 of 2 tasks ready, 2 starting, 2 old',
      '2 of 2 tasks ready',
      'ECS Exec is on, and 2 tasks can be entered:',
      '  ecsh lab/piped',
      '',
    ]);
    const entered = await lab.run([
      'exec',
      '-q',
      '--all',
      '--no-prefix',
      'lab/piped',
      '--',
      'echo',
      'hi',
    ]);
    expect({ status: entered.status, stdout: entered.stdout }).toEqual({
      status: 0,
      stdout: 'hi\nhi\n',
    });
  },
  SLOW,
);

it.concurrent(
  'asks on a terminal, rewrites one progress line, and clears it',
  async () => {
    const screen = await lab.openTerminal(['enable', 'lab/asked']);
    await screen.until(/Turn ECS Exec on for asked and replace 2 tasks\? \[y\/N\]/);
    screen.type('y\r');
    await screen.until(/0:0\d {2}0 of 2 tasks ready, 2 starting, 2 old/);
    await screen.until(/status=0 settings=kept/);
    const lines = screen.text.split('\n');
    expect(lines.slice(-3)).toEqual([
      'ECS Exec is on, and 2 tasks can be entered:',
      '  ecsh lab/asked',
      'status=0 settings=kept',
    ]);
    expect(lines.filter((line) => /^\d:\d\d/.test(line))).toEqual([]);
  },
  SLOW,
);

it.concurrent.each([
  ['\x03', ['status=130 settings=kept']],
  ['\x1b', ['Nothing was changed.', 'status=1 settings=kept']],
])('changes nothing if the question is answered with %j', async (key, rest) => {
  const screen = await lab.openTerminal(['enable', 'lab/left']);
  await screen.until(/Turn ECS Exec on for left and replace 1 task\? \[y\/N\]/);
  screen.type(key);
  await screen.until(/^status=/m);
  const lines = screen.text.split('\n');
  expect(lines.slice(lines.findIndex((line) => line.includes('[y/N]')) + 1)).toEqual(rest);
  const { stdout } = await lab.run(['ls', 'lab/left']);
  expect(stdout).toContain('exec-disabled');
});

it.concurrent(
  'only stops watching on Ctrl-C, and continues in the next run',
  async () => {
    const screen = await lab.openTerminal(['enable', 'lab/watched', '-y']);
    await screen.until(/0 of 1 task ready, 1 starting, 1 old/);
    screen.type('\x03');
    await screen.until(/status=130 settings=kept/);
    expect(screen.text).toContain('Watch on:  ecsh enable lab/watched');
    expect(screen.text).toContain('aws ecs stop-service-deployment --service-deployment-arn arn:');
    const again = await lab.run(['enable', 'lab/watched', '--json', '-q']);
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ service: 'watched' });
  },
  SLOW,
);

it.concurrent(
  'times out with the reason if a rollout never becomes healthy',
  async () => {
    const { status, stderr } = await lab.run(['enable', 'lab/crashing', '-y', '--timeout', '2s']);
    expect(status).toBe(124);
    expect(stderr).toMatch(
      /ecsh: Not ready after 2 s: 0 of 1 task ready, .* New tasks stopped: Essential container in task exited\. .*\[rollout-timeout\]/,
    );
  },
  SLOW,
);

it.concurrent(
  'follows a rollback, and fails with the message of ECS',
  async () => {
    const { status, stderr } = await lab.run(['enable', 'lab/broken', '-y']);
    expect(status).toBe(1);
    expect(withoutIds(stderr)).toContain(
      'Deployment ecs-svc/N goes no further: ecs-svc/N rolls it back.',
    );
    expect(stderr).toContain('[rollout-rolled-back]');
  },
  SLOW,
);

it.concurrent('reports at once that a task cannot be placed', async () => {
  const { status, stderr } = await lab.run(['enable', 'lab/full', '-y', '--timeout', '1s']);
  expect(status).toBe(124);
  expect(stderr).toContain('(service full) was unable to place a task because');
});

it.concurrent('leaves the deployment to CodeDeploy, and rejects a service without a task role', async () => {
  const blueGreen = await lab.run(['enable', 'lab/bg', '-y']);
  expect(blueGreen.status).toBe(1);
  expect(blueGreen.stderr).toContain('[controller-code-deploy]');
  expect(blueGreen.stderr).toContain('aws deploy create-deployment');
  const roleless = await lab.run(['enable', 'lab/roleless', '-y']);
  expect(roleless.status).toBe(1);
  expect(roleless.stderr).toContain('[preflight-failed]');
});

it.concurrent(
  'starts a clone of a standalone task',
  async () => {
    const clone = await lab.run(['enable', 'task', 'lab/family:job', '-y', '--json']);
    expect(clone.status).toBe(0);
    expect(clone.stderr).toMatch(/Network subnet-\w+, sg-\w+, public address (yes|no)/);
    const { task } = JSON.parse(clone.stdout) as { task: string };
    const { stdout } = await lab.run(['exec', '-q', `lab/${task}`, '--', 'echo', 'here']);
    expect(stdout).toBe('here\n');
  },
  SLOW,
);
