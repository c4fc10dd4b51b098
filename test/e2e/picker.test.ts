import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab, QUICK } from '#test/helpers/e2e.ts';
import type { Screen } from '#test/helpers/screen.ts';

let lab: Lab;

const APP = { name: 'app', env: { PS1: '$> ' } };

/** Three clusters, 250 services, 1,200 tasks. */
const FLEET = {
  timings: QUICK,
  sessionLimit: { perContainer: 100 },
  clusters: [
    {
      name: 'prod',
      services: [
        { name: 'web', count: 3, containers: [APP] },
        { name: 'pair', containers: [APP, { name: 'worker' }] },
        { name: 'off', count: 2, enableExecuteCommand: false, containers: [APP] },
        ...Array.from({ length: 246 }, (_, index) => ({
          name: `service-${index}`,
          count: index === 0 ? 213 : 4,
          containers: [APP],
        })),
      ],
      tasks: [{ family: 'batch', containers: [APP] }],
    },
    { name: 'stage', services: [{ name: 'only', containers: [APP] }] },
    { name: 'void' },
  ],
};

beforeAll(async () => {
  lab = await Lab.start(FLEET);
});

afterAll(() => lab.stop());

const PROMPT = /[$#>] ?$/;
const DOWN = '\x1b[B';
const ESCAPE = '\x1b';
const CTRL_C = '\x03';

const SIZES = [
  { cols: 80, rows: 24 },
  { cols: 200, rows: 50 },
] as const;

/** Returns the lines on the terminal, except the one that shows the pid. */
function linesOf(screen: Screen): readonly string[] {
  return screen.text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !line.startsWith('pid='));
}

describe.each(SIZES)('choosing at a terminal of $cols by $rows', (size) => {
  it('leads to a shell, and leaves one line with the chosen target', async () => {
    const screen = await lab.openTerminal([], size);
    await screen.until(/^Cluster \(1\/3\): *$/m);
    screen.type('prod\r');
    await screen.until(/^Service in prod \(1\/251\): *$/m);
    screen.type('pair');
    await screen.until(/^Service in prod \(1\/1 of 251\): pair$/m);
    screen.type('\r');
    await screen.until(/^Container of task \w{12} \(1\/2\): *$/m);
    screen.type(`${DOWN}\r`);
    await screen.until(PROMPT);
    screen.type('exit 7\r');
    await screen.until(/^status=7 settings=kept$/m);
    expect(linesOf(screen)[0]).toBe('ecsh prod/pair@worker');
    expect(screen.text).not.toMatch(/Container of|Loading|Type to search/);
  });

  it('fills the window with a page of a long list without wrapping a line', async () => {
    const screen = await lab.openTerminal(['-C', 'prod'], size);
    await screen.until(/^Service in prod/m);
    screen.type('all\r');
    await screen.until(/^Task of prod \(1\/1200\)/m);
    screen.type('\x1b[6~');
    await screen.until(/^Task of prod \(\d\d\/1200\)/m);
    const { lines } = screen.view;
    const first = lines.findIndex((line) => line.startsWith('Task of prod'));
    const last = lines.findIndex((line) => line.startsWith('Type to search'));
    expect(last - first).toBe(size.rows - 2);
    for (const line of lines.slice(first + 1, last))
      expect(line).toMatch(/^[> ] \w{12} {2}service-\d/);
    screen.type(CTRL_C);
    await screen.until(/^status=130 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['status=130 settings=kept']);
  });

  it('follows a resize', async () => {
    const screen = await lab.openTerminal(['-C', 'prod'], size);
    await screen.until(/^Service in prod/m);
    screen.resize(60, 12);
    await screen.until(/^Type to search · Enter choose · \^R region · \^O profile$/m);
    await screen.until(/^> off .*\n(?:.*\n){8}Type to search/m);
    screen.type(CTRL_C);
    await screen.until(/^status=130 settings=kept$/m);
  });

  it('goes back and forward again', async () => {
    const screen = await lab.openTerminal([], size);
    await screen.until(/^Cluster/m);
    screen.type('prod\r');
    await screen.until(/^Service in prod/m);
    screen.type('web\r');
    await screen.until(/^Task of prod\/web \(1\/3\)/m);
    screen.type(ESCAPE);
    await screen.until(/^Service in prod/m);
    screen.type('\x7f');
    await screen.until(/^Cluster \(1\/3\): *$/m);
    // This cluster has only one candidate for every later question, so none is asked.
    screen.type('stage\r');
    await screen.until(PROMPT);
    screen.type('exit\r');
    await screen.until(/^status=0 settings=kept$/m);
    expect(linesOf(screen)[0]).toBe('ecsh stage/only');
  });
});

describe('keys typed while a list is loading', () => {
  it('are not echoed, and apply to the list', async () => {
    const gate = closeGate();
    const screen = await lab.openTerminal(['exec', '--pick', '--', 'echo', 'done']);
    await screen.until(/^Loading clusters…/m);
    screen.type(`${DOWN}stage\r`);
    await settled(screen);
    expect(linesOf(screen)).toEqual(['Loading clusters…']);
    gate.open();
    await screen.until(/^status=0 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['ecsh stage/only', 'done', 'status=0 settings=kept']);
  });

  it('cancel if they include Ctrl-C', async () => {
    const gate = closeGate();
    const screen = await lab.openTerminal([]);
    await screen.until(/^Loading clusters…/m);
    screen.type(`stage${CTRL_C}`);
    await screen.until(/^status=130 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['status=130 settings=kept']);
    gate.open();
  });
});

/** Waits until an echo would be visible: the kernel echoes at once. */
const settled = (screen: Screen) => screen.until(/$/).then(() => setTimeout(200));

/** Stops the simulated AWS from responding until the gate is opened. */
function closeGate() {
  lab.simulator.signal('SIGSTOP');
  return { open: () => lab.simulator.signal('SIGCONT') };
}

describe('leaving without a choice', () => {
  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', '\x04'],
    ['Escape at the first question', ESCAPE],
  ])('with %s exits with 130 and clears the screen', async (_name, key) => {
    const screen = await lab.openTerminal([]);
    await screen.until(/^Cluster/m);
    screen.type(key);
    await screen.until(/^status=\d+/m);
    expect(linesOf(screen)).toEqual(['status=130 settings=kept']);
    expect(screen.view.cursor).toEqual([0, 2]);
  });

  it('on SIGTERM exits with 143', async () => {
    const screen = await lab.openTerminal([]);
    const [, pid] = await screen.until(/^pid=(\d+)$/m);
    await screen.until(/^Cluster/m);
    process.kill(Number(pid), 'SIGTERM');
    await screen.until(/^status=\d+/m);
    expect(linesOf(screen)).toEqual(['status=143 settings=kept']);
  });
});

describe('color', () => {
  /** Returns the bytes that draw the first list. */
  async function listBytes(args: readonly string[], env: Readonly<Record<string, string>>) {
    const environment = { ...lab.environment, TERM: 'xterm-256color', ...env };
    const screen = await lab.openTerminal(args, { env: environment });
    await screen.until(/^Type to search/m);
    const bytes = screen.received.toString();
    screen.type(CTRL_C);
    await screen.until(/^status=130/m);
    return bytes;
  }

  const BOLD = '\x1b[1m';

  it('is used on a terminal, but not with NO_COLOR or --color never', async () => {
    expect(await listBytes([], {})).toContain(BOLD);
    expect(await listBytes([], { NO_COLOR: '1' })).not.toContain(BOLD);
    expect(await listBytes(['--color', 'never'], {})).not.toContain(BOLD);
    expect(await listBytes(['--color', 'always'], { NO_COLOR: '1' })).toContain(BOLD);
  });
});

describe('a task that cannot be entered', () => {
  it('is reported with the reason, and the list returns', async () => {
    const screen = await lab.openTerminal(['--pick', 'prod/off']);
    await screen.until(/^> \w{12} {2}exec-disabled {2}RUNNING /m);
    screen.type('\r');
    await screen.until(/\[exec-disabled\][\s\S]*^Task of prod\/off \(1\/2\): *$/m);
    screen.type(CTRL_C);
    await screen.until(/^status=130 settings=kept$/m);
  });
});

describe('doctor with --pick', () => {
  it('checks the chosen task, even if it cannot be entered', async () => {
    const screen = await lab.openTerminal(['doctor', '--quick', '--pick', 'prod/off'], SIZES[1]);
    await screen.until(/^> \w{12} {2}exec-disabled {2}RUNNING /m);
    screen.type(`${DOWN}\r`);
    await screen.until(/^ecsh prod\/\w{12}$/m);
    await screen.until(/ECS Exec was off/);
    await screen.until(/^status=1 settings=kept$/m);
  });
});

describe('exec with --pick', () => {
  it('runs the command in the chosen task', async () => {
    const screen = await lab.openTerminal([
      'exec',
      '-C',
      'stage',
      '--pick',
      '--',
      'echo',
      '--',
      'x',
    ]);
    await screen.until(/^status=0 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['ecsh stage/only', '-- x', 'status=0 settings=kept']);
  });
});

describe('an ambiguous container', () => {
  it('is asked for on a terminal', async () => {
    const screen = await lab.openTerminal(['exec', 'prod/pair', '--', 'echo', 'done']);
    await screen.until(/^Container of task \w{12} \(1\/2\): *$/m);
    screen.type('work\r');
    await screen.until(/^status=0 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['ecsh prod/pair@worker', 'done', 'status=0 settings=kept']);
  });

  it('is an error without a terminal, and with --no-input', async () => {
    const { status, stdout, stderr } = await lab.run(['exec', 'prod/pair', '--', 'true']);
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toContain('[container-ambiguous]');
    const screen = await lab.openTerminal(['--no-input', 'prod/pair']);
    await screen.until(/\[container-ambiguous\]/);
    await screen.until(/^status=255 settings=kept$/m);
  });
});

describe('ecsh without a target or a terminal', () => {
  it('is wrong usage', async () => {
    const { status, stdout, stderr } = await lab.run([]);
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toContain('There is no TARGET. [usage]');
  });
});
