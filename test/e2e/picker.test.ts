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

/** Returns the lines on the terminal, without the one that shows the pid. */
function linesOf(screen: Screen): readonly string[] {
  return screen.text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !line.startsWith('pid='));
}

describe.each(SIZES)('choosing at a terminal of $cols by $rows', (size) => {
  it('walks to a shell, and leaves one line that says where it is', async () => {
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

  it('fills the window with a page of a long list, and no line of it wraps', async () => {
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

  it('goes back, and forth again', async () => {
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
    // Everything on the way there is skipped.
    screen.type('stage\r');
    await screen.until(PROMPT);
    screen.type('exit\r');
    await screen.until(/^status=0 settings=kept$/m);
    expect(linesOf(screen)[0]).toBe('ecsh stage/only');
  });
});

describe('keys that are typed while a list is loading', () => {
  it('are not seen, and choose from it', async () => {
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

  it('end it where Ctrl-C is among them', async () => {
    const gate = closeGate();
    const screen = await lab.openTerminal([]);
    await screen.until(/^Loading clusters…/m);
    screen.type(`stage${CTRL_C}`);
    await screen.until(/^status=130 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['status=130 settings=kept']);
    gate.open();
  });
});

/** Waits until an echo of the terminal would be on the screen: the kernel echoes at once. */
const settled = (screen: Screen) => screen.until(/$/).then(() => setTimeout(200));

/** The simulated AWS answers nothing until it is opened. */
function closeGate() {
  lab.simulator.signal('SIGSTOP');
  return { open: () => lab.simulator.signal('SIGCONT') };
}

describe('leaving without a choice', () => {
  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', '\x04'],
    ['Escape at the first question', ESCAPE],
  ])('by %s is status 130, with nothing left on the screen', async (_name, key) => {
    const screen = await lab.openTerminal([]);
    await screen.until(/^Cluster/m);
    screen.type(key);
    await screen.until(/^status=\d+/m);
    expect(linesOf(screen)).toEqual(['status=130 settings=kept']);
    expect(screen.view.cursor).toEqual([0, 2]);
  });

  it('by SIGTERM is status 143', async () => {
    const screen = await lab.openTerminal([]);
    const [, pid] = await screen.until(/^pid=(\d+)$/m);
    await screen.until(/^Cluster/m);
    process.kill(Number(pid), 'SIGTERM');
    await screen.until(/^status=\d+/m);
    expect(linesOf(screen)).toEqual(['status=143 settings=kept']);
  });
});

describe('color', () => {
  /** Returns the bytes that draw the list alone, which is shown at once. */
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

  it('is used on a terminal, and not with NO_COLOR or --color never', async () => {
    expect(await listBytes([], {})).toContain(BOLD);
    expect(await listBytes([], { NO_COLOR: '1' })).not.toContain(BOLD);
    expect(await listBytes(['--color', 'never'], {})).not.toContain(BOLD);
    expect(await listBytes(['--color', 'always'], { NO_COLOR: '1' })).toContain(BOLD);
  });
});

describe('a task that cannot be entered', () => {
  it('says why, and the list is there again', async () => {
    const screen = await lab.openTerminal(['--pick', 'prod/off']);
    await screen.until(/^> \w{12} {2}exec-disabled {2}RUNNING /m);
    screen.type('\r');
    await screen.until(/\[exec-disabled\][\s\S]*^Task of prod\/off \(1\/2\): *$/m);
    screen.type(CTRL_C);
    await screen.until(/^status=130 settings=kept$/m);
  });
});

describe('a diagnosis', () => {
  it('is made of the task that was chosen, which cannot be entered', async () => {
    const screen = await lab.openTerminal(['doctor', '--quick', '--pick', 'prod/off'], SIZES[1]);
    await screen.until(/^> \w{12} {2}exec-disabled {2}RUNNING /m);
    screen.type(`${DOWN}\r`);
    await screen.until(/^ecsh prod\/\w{12}$/m);
    await screen.until(/ECS Exec was off/);
    await screen.until(/^status=1 settings=kept$/m);
  });
});

describe('a command', () => {
  it('runs with --pick in the task that was chosen', async () => {
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

describe('a container that nothing decides', () => {
  it('is asked for at a terminal', async () => {
    const screen = await lab.openTerminal(['exec', 'prod/pair', '--', 'echo', 'done']);
    await screen.until(/^Container of task \w{12} \(1\/2\): *$/m);
    screen.type('work\r');
    await screen.until(/^status=0 settings=kept$/m);
    expect(linesOf(screen)).toEqual(['ecsh prod/pair@worker', 'done', 'status=0 settings=kept']);
  });

  it('is an error without one, and with --no-input', async () => {
    const { status, stdout, stderr } = await lab.run(['exec', 'prod/pair', '--', 'true']);
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toContain('[container-ambiguous]');
    const screen = await lab.openTerminal(['--no-input', 'prod/pair']);
    await screen.until(/\[container-ambiguous\]/);
    await screen.until(/^status=255 settings=kept$/m);
  });
});

describe('nothing to choose at', () => {
  it('is wrong usage', async () => {
    const { status, stdout, stderr } = await lab.run([]);
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toContain('There is no TARGET. [usage]');
  });
});
