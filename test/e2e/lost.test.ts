import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../helpers/e2e.ts';
import { markedSleep, untilGone } from '../helpers/program.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.start();
});

afterEach(() => lab.stop());

/** How long ecsh may take to notice and to give up, in milliseconds. */
const LIMIT_MS = 6_000;

const ENDS = [
  ['a service that crashes', 'connection-lost', () => lab.simulator.signal('SIGKILL')],
  ['a service that shuts down', undefined, () => lab.simulator.signal('SIGTERM')],
  ['a connection that breaks', 'connection-lost', () => lab.control('cut')],
  ['a session terminated from outside', 'status-unknown', () => lab.control('terminate')],
] as const;

describe('exec ends with 255', () => {
  it.each(ENDS)('at %s', async (_name, code, end) => {
    const [sleep, time] = markedSleep();
    const args = ['exec', 'lab/app', '--', 'sh', '-c', `echo ready; ${sleep} ${time}; :`];
    const program = lab.start(args);
    await program.untilOutput('ready\n');
    const startedAt = Date.now();
    await end();
    const { status, stdout, stderr } = await program.finished;
    expect({ status, stdout }).toEqual({ status: 255, stdout: 'ready\n' });
    expect(stderr).toMatch(code === undefined ? /^ecsh: .+\n {2}\S.+\n$/ : messageWith(code));
    expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS);
    await untilGone(`${sleep} ${time}`);
  });
});

describe('a shell ends with 255 and gives the terminal back', () => {
  it.each(ENDS)('at %s', async (_name, code, end) => {
    const screen = await lab.openTerminal(['shell', 'lab/app']);
    await screen.until(/[$#>] ?$/);
    const sleeper = markedSleep().join(' ');
    screen.type(`echo go; ${sleeper}\r`);
    await screen.until(/^go$/m);
    const startedAt = Date.now();
    await end();
    await screen.until(/^status=255 settings=kept$/m);
    expect(screen.text).toContain(code === undefined ? 'ecsh: ' : `[${code}]`);
    expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS);
    await untilGone(sleeper);
  });
});

describe('exec that cannot connect', () => {
  it.each([
    ['refused', { refuseUpgrade: true }, 'channel-refused'],
    ['with an expired token', { expireTokens: true }, 'connection-lost'],
  ])('%s ends with 255 and leaves no process', async (_name, faults, code) => {
    await lab.control('faults', faults);
    const sleeper = markedSleep();
    const seen = await lab.run(['exec', 'lab/app', '--', ...sleeper]);
    expect(seen).toEqual({
      status: 255,
      stdout: '',
      stderr: expect.stringMatching(messageWith(code)),
    });
    await untilGone(sleeper.join(' '));
  });
});

function messageWith(code: string): RegExp {
  return new RegExp(`^ecsh: .+ \\[${code}\\]\\n {2}\\S.+\\n$`);
}
