import { describe, expect, it } from 'vitest';
import type { CancelledAnswer, Choice, Question } from '#domain/ports/prompt-ports.ts';
import { settle } from '#test/fakes/manual-clock.ts';
import { DialogScreen } from './dialog-screen.ts';

const SERVICES: readonly Choice<string>[] = [
  { value: 'off', label: 'off', detail: 'FARGATE  0/1', isDimmed: true },
  { value: 'web', label: 'web', detail: 'FARGATE  2/2' },
  { value: 'worker', label: 'worker', detail: 'EC2      1/1' },
];

function question(changes: Partial<Question<string>> = {}): Question<string> {
  return { message: 'Service of prod', choices: SERVICES, canGoBack: true, ...changes };
}

const UP = '\x1b[A';
const DOWN = '\x1b[B';
const LEFT = '\x1b[D';
const HOME = '\x1b[H';
const END = '\x1b[F';
const PAGE_DOWN = '\x1b[6~';
const BACKSPACE = '\x7f';
const BOLD = '\x1b[1m';
const DIM = '\x1b[2m';

/** Sends keys one by one, like a person who types. */
function separated(keys: string): readonly string[] {
  const sequence = [UP, DOWN, LEFT, HOME, END, PAGE_DOWN].find((key) => keys.startsWith(key));
  const first = sequence ?? keys.slice(0, 1);
  return first === '' ? [] : [first, ...separated(keys.slice(first.length))];
}

describe('a list', () => {
  it('shows the choices below the question, with less useful ones at the end', async () => {
    const screen = new DialogScreen();
    void screen.prompts().select(question());
    expect(await screen.lines()).toEqual([
      'Service of prod (1/3):',
      '> web     FARGATE  2/2',
      '  worker  EC2      1/1',
      '  off     FARGATE  0/1',
      'Type to search · ↑↓ move · Enter choose · Esc back · Ctrl-C cancel',
    ]);
    expect(await screen.cursor()).toEqual(['Service of prod (1/3): '.length, 0]);
    expect(screen.input.isRaw).toBe(true);
  });

  it.each<readonly [string, string, string]>([
    ['Enter chooses the first', '\r', 'web'],
    ['an arrow moves the selection', `${DOWN}\r`, 'worker'],
    ['Up on the first choice moves to the last', `${UP}\r`, 'off'],
    ['Ctrl-N and Ctrl-P move as in a shell', '\x0e\x0e\x10\r', 'worker'],
    ['End and Home jump', `${END}${HOME}${DOWN}\r`, 'worker'],
    ['a page stops at the last choice', `${PAGE_DOWN}${PAGE_DOWN}\r`, 'off'],
    ['a search finds the label', 'ork\r', 'worker'],
    ['a search finds the detail', 'ec2\r', 'worker'],
    ['words match in any order and case', '2/2 WEB\r', 'web'],
    ['a search can be corrected', `off${BACKSPACE.repeat(3)}wor\r`, 'worker'],
    ['Left moves within a search', `orker${LEFT.repeat(5)}w\r`, 'worker'],
    ['Tab is ignored in a search', 'w\tor\r', 'worker'],
    ['Enter without a match chooses nothing', `xyz\r${BACKSPACE.repeat(3)}off\r`, 'off'],
  ])('%s', async (_name, keys, value) => {
    const screen = new DialogScreen();
    const answer = screen.prompts().select(question());
    for (const key of separated(keys)) await screen.type(key);
    expect(await answer).toEqual({ kind: 'chosen', value });
  });

  it.each<readonly [string, string]>([
    ['Escape', '\x1b'],
    ['Left', LEFT],
    ['Backspace', BACKSPACE],
  ])('%s goes back', async (_name, key) => {
    const screen = new DialogScreen();
    const answer = screen.prompts().select(question());
    await screen.type(key);
    expect(await answer).toEqual({ kind: 'back' });
  });

  it('goes back on Backspace only if there is nothing left to delete', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().select(question());
    await screen.type(`w${BACKSPACE}`);
    expect((await screen.lines())[0]).toBe('Service of prod (1/3):');
    await screen.type(BACKSPACE);
    expect(await answer).toEqual({ kind: 'back' });
  });

  it('does not go back if there is no previous question', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().select(question({ canGoBack: false }));
    await screen.type(LEFT + BACKSPACE);
    expect((await screen.lines()).at(-1)).toBe(
      'Type to search · ↑↓ move · Enter choose · Ctrl-C cancel',
    );
    await screen.type('\x1b');
    expect(await answer).toEqual({ kind: 'cancelled' });
  });

  it.each<readonly [string, (screen: DialogScreen) => void, object]>([
    ['Ctrl-C', ({ input }) => input.write('\x03'), {}],
    ['Ctrl-D', ({ input }) => input.write('\x04'), {}],
    ['the end of the terminal', ({ input }) => input.end(), {}],
    ['SIGTERM', ({ signals }) => signals.send('SIGTERM'), { by: 'SIGTERM' }],
    ['SIGHUP', ({ signals }) => signals.send('SIGHUP'), { by: 'SIGHUP' }],
  ])('is cancelled by %s, and restores the screen', async (_name, cancel, by) => {
    const screen = new DialogScreen();
    screen.print('$ ecsh\r\n');
    const answer = screen.prompts().select(question());
    await screen.type('w');
    cancel(screen);
    expect(await answer).toEqual({ kind: 'cancelled', ...by });
    expect(await screen.lines()).toEqual(['$ ecsh']);
    expect(await screen.cursor()).toEqual([0, 1]);
    expect(screen.input.isRaw).toBe(false);
    expect(screen.signals.handled).toEqual([]);
    expect(screen.input.listenerCount('keypress')).toBe(0);
  });

  it('restores the screen after a choice, even at the bottom of the window', async () => {
    const screen = new DialogScreen(80, 8);
    screen.print(`${'\r\n'.repeat(7)}$ ecsh\r\n`);
    const answer = screen.prompts().select(question());
    await screen.type(DOWN);
    await screen.type('\r');
    await answer;
    const lines = await screen.lines();
    expect(lines.at(-1)).toBe('$ ecsh');
    expect(await screen.cursor()).toEqual([0, lines.length]);
  });

  it('shows the number of matches, and that there are none', async () => {
    const screen = new DialogScreen();
    void screen.prompts().select(question());
    await screen.type('w');
    expect((await screen.lines())[0]).toBe('Service of prod (1/2 of 3): w');
    await screen.type('xyz');
    expect((await screen.lines()).slice(0, 2)).toEqual([
      'Service of prod (0/0 of 3): wxyz',
      '  Nothing matches.',
    ]);
  });

  it('passes input that was typed ahead to the next question', async () => {
    const screen = new DialogScreen();
    const prompts = screen.prompts();
    const first = prompts.select(question());
    await screen.type(`worker\r${DOWN}\r`);
    expect(await first).toEqual({ kind: 'chosen', value: 'worker' });
    expect(await prompts.select(question())).toEqual({ kind: 'chosen', value: 'worker' });
  });

  it('erases itself before a suspend, and reappears afterwards', async () => {
    const screen = new DialogScreen();
    void screen.prompts().select(question());
    const shown = await screen.lines();
    await screen.type('\x1a');
    expect(await screen.lines()).toEqual([]);
    expect(screen.input.isRaw).toBe(false);
    expect(screen.signals.suspensions).toBe(1);
    screen.signals.send('SIGCONT');
    expect(await screen.lines()).toEqual(shown);
    expect(screen.input.isRaw).toBe(true);
  });
});

describe('a list that is still loading', () => {
  /** A question for which the test adds choices. */
  function loading() {
    let deliver: (choices: readonly Choice<string>[]) => void = () => undefined;
    let settle = { done: () => {}, fail: (_error: Error) => {} };
    const follow = (show: (choices: readonly Choice<string>[]) => void) => {
      deliver = show;
      return new Promise<void>((done, fail) => {
        settle = { done, fail };
      });
    };
    const first = question({ choices: SERVICES.slice(1) });
    return {
      question: { ...first, follow },
      deliver: (choices: readonly Choice<string>[]) => deliver(choices),
      done: () => settle.done(),
      fail: (error: Error) => settle.fail(error),
    };
  }
  const NEW = { value: 'api', label: 'api', detail: 'FARGATE  1/1' };

  it('says so, and adds choices', async () => {
    const screen = new DialogScreen();
    const list = loading();
    void screen.prompts().select(list.question);
    expect((await screen.lines())[0]).toBe('Service of prod (1/2, loading…):');
    list.deliver([NEW, ...SERVICES]);
    list.done();
    await settle();
    expect((await screen.lines()).slice(0, 3)).toEqual([
      'Service of prod (1/4):',
      '> api     FARGATE  1/1',
      '  web     FARGATE  2/2',
    ]);
  });

  it('keeps the selection and the search of the user', async () => {
    const screen = new DialogScreen();
    const list = loading();
    const answer = screen.prompts().select(list.question);
    await screen.type('w');
    await screen.type(DOWN);
    list.deliver([NEW, ...SERVICES]);
    await settle();
    expect((await screen.lines())[0]).toBe('Service of prod (2/2 of 4, loading…): w');
    await screen.type('\r');
    expect(await answer).toEqual({ kind: 'chosen', value: 'worker' });
  });

  it('chooses the match when loading is complete, if Enter came first', async () => {
    const screen = new DialogScreen();
    const list = loading();
    const answer = screen.prompts().select(list.question);
    await screen.type('api\r');
    expect((await screen.lines())[0]).toBe('Service of prod (0/0 of 2, loading…): api');
    list.deliver([NEW, ...SERVICES]);
    list.done();
    expect(await answer).toEqual({ kind: 'chosen', value: 'api' });
  });

  it('fails if loading fails, with nothing left on the screen', async () => {
    const screen = new DialogScreen();
    const list = loading();
    const answer = screen.prompts().select(list.question);
    list.fail(new Error('throttled'));
    await expect(answer).rejects.toThrow('throttled');
    expect(await screen.lines()).toEqual([]);
    expect(screen.input.isRaw).toBe(false);
  });
});

it('breaks a question between words on a narrow terminal', async () => {
  const screen = new DialogScreen(40);
  void screen.prompts().confirm('Turn ECS Exec on for off and replace 1 task?');
  expect(await screen.lines()).toEqual(['Turn ECS Exec on for off and replace 1', 'task? [y/N]']);
});

describe('shortcuts', () => {
  const shortcuts = [
    { key: 'r', label: 'region' },
    { key: 'o', label: 'profile' },
  ];

  it.each([
    [
      120,
      'Type to search · ↑↓ move · Enter choose · Esc back · Ctrl-R region · Ctrl-O profile · Ctrl-C cancel',
    ],
    [80, 'Type to search · Enter choose · Esc back · ^R region · ^O profile · ^C cancel'],
    [40, 'Type to search · Enter choose'],
  ])('are named below the list if they fit in %i columns', async (columns, keys) => {
    const screen = new DialogScreen(columns);
    void screen.prompts().select(question({ shortcuts }));
    expect((await screen.lines()).at(-1)).toBe(keys);
  });

  it('answer instead of a choice', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().select(question({ shortcuts }));
    await screen.type('we\x0f');
    expect(await answer).toEqual({ kind: 'shortcut', key: 'o' });
    expect(await screen.lines()).toEqual([]);
  });

  it('wait for a choice if they need one, and use the selected one', async () => {
    const screen = new DialogScreen();
    const logs = { key: 'l', label: 'logs', takesChoice: true };
    const choices = ['web', 'worker'].map((value) => ({ value, label: value }));
    const answer = screen.prompts().select(question({ choices, shortcuts: [logs] }));
    await screen.type('none\x0c');
    await screen.type('\x15work\x0c');
    expect(await answer).toEqual({ kind: 'shortcut', key: 'l', value: 'worker' });
  });
});

it('colors a meaningful word in a choice', async () => {
  const screen = new DialogScreen();
  const accent = { word: 'ready', color: 'green' } as const;
  const choices = [
    { value: 'a', label: 'ready', detail: 'ready  2h', accent },
    { value: 'b', label: 'b', detail: 'ready  3h', accent },
  ];
  void screen.prompts(true).select(question({ choices }));
  await screen.lines();
  expect(screen.received).toContain('  b      \x1b[32mready\x1b[39m  3h');
});

describe('a long list', () => {
  const tasks = Array.from({ length: 1_200 }, (_, index) => ({
    value: index,
    label: `task-${index}`,
    detail: `RUNNING  ${'日本'.repeat(60)}`,
  }));
  const many = { message: 'Task of prod/web', choices: tasks, canGoBack: true };

  it.each([
    [80, 24],
    [200, 50],
    [30, 5],
    [10, 4],
  ])('fills a window of %i by %i exactly, without wrapped lines', async (columns, rows) => {
    const screen = new DialogScreen(columns, rows);
    void screen.prompts().select(many);
    await screen.type(PAGE_DOWN);
    const lines = await screen.lines();
    expect(lines).toHaveLength(rows - 1);
    expect(lines.some((line) => line.startsWith('> '))).toBe(true);
    for (const line of lines.slice(1, -1)) expect(line.endsWith('…')).toBe(true);
    expect((await screen.cursor())[1]).toBe(0);
  });

  it('follows a resize of the window', async () => {
    const screen = new DialogScreen(120, 24);
    screen.print('$ ecsh\r\n');
    const short = tasks.map((task) => ({ ...task, detail: 'RUNNING' }));
    const answer = screen.prompts().select({ ...many, choices: short });
    await screen.type('task-1');
    const shown = await screen.lines();
    screen.resize(60, 10);
    expect(await screen.text()).toBe(
      ['$ ecsh', ...shown.slice(1, 9), 'Type to search · Enter choose · Esc back · ^C cancel'].join(
        '\n',
      ),
    );
    screen.resize(120, 24);
    expect(await screen.text()).toBe(shown.join('\n'));
    await screen.type('\x03');
    await answer;
    expect(await screen.text()).toBe('$ ecsh');
  });

  it('is complete in a window that became so narrow that the terminal had to wrap it', async () => {
    const screen = new DialogScreen(120, 24);
    void screen.prompts().select(many);
    await screen.type('task-1');
    await screen.lines();
    screen.resize(30, 10);
    const lines = (await screen.lines()).slice(-9);
    expect(lines[0]).toBe('Task of prod/… (1/311 of 120…');
    expect(lines[1]).toMatch(/^> task-1 .*…$/);
    expect(lines[8]).toBe('Type to search · Enter choose');
  });

  it('draws a paste of ten thousand characters once', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().select(many);
    const before = screen.received.length;
    await screen.type('task '.repeat(2_000));
    expect(screen.received.length - before).toBeLessThan(10_000);
    await screen.type('\x15');
    await screen.type('task-777\r');
    expect(await answer).toEqual({ kind: 'chosen', value: 777 });
  });
});

describe('color', () => {
  it('can be turned off, and is never the only mark', async () => {
    const plain = new DialogScreen();
    void plain.prompts().select(question());
    const colored = new DialogScreen();
    void colored.prompts(true).select(question());
    expect(plain.received).not.toContain(BOLD);
    expect(plain.received).not.toContain(DIM);
    expect(colored.received).toContain(`${BOLD}> web `);
    expect(colored.received).toContain(`${DIM}  off `);
    expect(await colored.lines()).toEqual(await plain.lines());
  });

  it('is not affected by control characters in names', async () => {
    const screen = new DialogScreen();
    void screen.prompts().select(question({ choices: [{ value: 'x', label: 'a\x1b[2Jb\nc' }] }));
    expect((await screen.lines())[1]).toBe('> a\\x1b[2Jb c');
  });
});

describe('a confirmation', () => {
  it.each<readonly [string, boolean | CancelledAnswer]>([
    ['y\r', true],
    ['Yes\r', true],
    ['\r', false],
    ['n\r', false],
    ['yay\r', false],
    ['\x04', false],
    ['\x1b', false],
    ['y\x1b', false],
    ['\x03', { kind: 'cancelled' }],
    ['y\x03', { kind: 'cancelled' }],
  ])('%j is %j', async (keys, expected) => {
    const screen = new DialogScreen();
    const answer = screen.prompts().confirm('Replace 3 tasks of prod/web?');
    await screen.type(keys);
    expect(await answer).toEqual(expected);
    expect((await screen.lines())[0]).toMatch(/^Replace 3 tasks of prod\/web\? \[y\/N\]/);
    expect(await screen.cursor()).toEqual([0, 1]);
    expect(screen.input.isRaw).toBe(false);
    expect(screen.signals.handled).toEqual([]);
    expect(screen.input.listenerCount('keypress')).toBe(0);
  });

  it('does not treat an arrow key as Escape', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().confirm('Go on?');
    await screen.type('y\x1b[D\x1b[C\r');
    expect(await answer).toBe(true);
  });

  it('ends on a signal', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().confirm('Go on?');
    screen.signals.send('SIGTERM');
    expect(await answer).toEqual({ kind: 'cancelled', by: 'SIGTERM' });
    expect(await screen.cursor()).toEqual([0, 1]);
  });
});

describe('waiting', () => {
  it('reports a long wait, and removes the report', async () => {
    const screen = new DialogScreen();
    const work = deferred<number>();
    const answer = screen.prompts().waitFor('Loading tasks of prod…', work.promise);
    await screen.clock.advance(299);
    expect(await screen.lines()).toEqual([]);
    await screen.clock.advance(1);
    expect(await screen.lines()).toEqual(['Loading tasks of prod…']);
    work.resolve(7);
    expect(await answer).toEqual({ kind: 'done', value: 7 });
    expect(await screen.lines()).toEqual([]);
    expect(screen.clock.timers).toEqual([]);
  });

  it('fails if the work fails', async () => {
    const screen = new DialogScreen();
    const answer = screen.prompts().waitFor('Loading…', Promise.reject(new Error('denied')));
    await expect(answer).rejects.toThrow('denied');
    expect(screen.input.isRaw).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s', async (signal) => {
    const screen = new DialogScreen();
    const answer = screen.prompts().waitFor('Loading…', new Promise<never>(() => undefined));
    await screen.clock.advance(300);
    screen.signals.send(signal);
    expect(await answer).toEqual({ kind: 'cancelled', by: signal });
    expect(await screen.lines()).toEqual([]);
    expect(screen.signals.handled).toEqual([]);
  });

  it('keeps typed input off the screen, and for the next question', async () => {
    const screen = new DialogScreen();
    const work = deferred<number>();
    const waited = screen.prompts().waitFor('Loading…', work.promise);
    expect(screen.input.isRaw).toBe(true);
    await screen.type('wor');
    await screen.clock.advance(300);
    await screen.type('ker\r');
    expect(await screen.lines()).toEqual(['Loading…']);
    work.resolve(7);
    expect(await waited).toEqual({ kind: 'done', value: 7 });
    expect(screen.input.isRaw).toBe(false);
    expect(await screen.prompts().select(question())).toEqual({ kind: 'chosen', value: 'worker' });
  });

  it('keeps at most as much as a terminal would', async () => {
    const screen = new DialogScreen();
    const work = deferred<number>();
    const waited = screen.prompts().waitFor('Loading…', work.promise);
    for (let count = 0; count < 100; count++) await screen.type('x'.repeat(1_000));
    work.resolve(7);
    await waited;
    expect(screen.input.readableLength).toBe(4_000);
  });

  it.each(['\x03', 'web\x03'])('ends on %j', async (keys) => {
    const screen = new DialogScreen();
    const answer = screen.prompts().waitFor('Loading…', new Promise<never>(() => undefined));
    await screen.clock.advance(300);
    await screen.type(keys);
    expect(await answer).toEqual({ kind: 'cancelled' });
    expect(await screen.lines()).toEqual([]);
    expect(screen.input.isRaw).toBe(false);
    expect(screen.signals.handled).toEqual([]);
  });

  it('leaves the keyboard to a later reader', async () => {
    const screen = new DialogScreen();
    const work = deferred<number>();
    const waited = screen.prompts().waitFor('Loading…', work.promise);
    await screen.type('w');
    screen.isTaken = true;
    screen.input.setRawMode(false);
    screen.input.pause();
    await screen.type('123456\r');
    expect(screen.input.readableLength).toBe(7);
    // Also if that reads from the same stream.
    expect(screen.input.read()?.toString()).toBe('123456\r');
    work.resolve(7);
    await waited;
    expect(screen.input.isRaw).toBe(false);
    expect(screen.input.read()?.toString()).toBe('w');
  });

  it('shows nothing while another dialog is open', async () => {
    const screen = new DialogScreen();
    const work = deferred<void>();
    const answer = screen.prompts().waitFor('Loading…', work.promise);
    screen.isTaken = true;
    screen.print('MFA code: ');
    await screen.clock.advance(300);
    work.resolve();
    await answer;
    expect(await screen.lines()).toEqual(['MFA code:']);
  });
});

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}
