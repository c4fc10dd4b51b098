import { PassThrough, Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { execIn } from '#library/exec.ts';
import type { ExecOptions, ExecResult, ShellOptions } from '#library/options.ts';
import { accessFor, findTarget, type World } from '#library/session-context.ts';
import { openShellIn } from '#library/shell.ts';
import { FakeRemote, SESSION } from '#test/fakes/fake-remote.ts';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { settle } from '#test/fakes/manual-clock.ts';

let remote: FakeRemote;
let settings: object[];
let notices: string[];
let world: World;

beforeEach(() => {
  remote = new FakeRemote();
  settings = [];
  notices = [];
  world = {
    clock: remote.clock,
    aws: (asked) => {
      settings.push(asked);
      return remote.ports;
    },
  };
});

const TASK = 'arn:aws:ecs:us-east-1:123456789012:task/prod/0f9de17a6465404e8b1b2356dc13c2f8';

/** Runs until the session is open. */
async function start(options: ExecOptions = {}): Promise<{ readonly result: Promise<ExecResult> }> {
  const result = execIn(world, 'prod/web', ['true'], options);
  result.catch(() => undefined);
  await settle();
  await settle();
  return { result };
}

function nonce(): string {
  return / ecsh ([0-9a-f]{16}) /.exec(remote.requests.at(-1)?.command ?? '')?.[1] ?? 'none';
}

/** Reports that the envelope has started, and that the command runs as process 42. */
async function begin(): Promise<void> {
  remote.agent.output(`${nonce()} tbbg\np42\n`);
  await settle();
}

/** Reports the command's output and its exit status. */
async function complete(status: number, output: Readonly<Record<'1' | '2', string>>) {
  const line = (stream: '1' | '2', text: string) =>
    `${stream}${Buffer.from(text, 'latin1').toString('base64')}.\n`;
  for (const stream of ['1', '2'] as const) {
    remote.agent.output(line(stream, output[stream]));
    remote.agent.output(line(stream, `\u0001${nonce()}\u0002`));
  }
  remote.agent.output(`x${status}\n`);
  remote.agent.close();
  await settle();
}

describe('exec', () => {
  it('resolves with status, output and session, for every status', async () => {
    const { result } = await start();
    await begin();
    // A guard would be a process that the caller did not ask for.
    expect([...remote.guarded]).toEqual([]);
    await complete(7, { 1: 'out\xff', 2: 'err' });
    expect(await result).toEqual({
      cluster: 'prod',
      task: TASK,
      container: 'app',
      status: 7,
      stdout: Buffer.from('out\xff', 'latin1'),
      stderr: Buffer.from('err'),
      sessionId: SESSION.sessionId,
    });
  });

  it('writes output to streams as it arrives, and keeps none of it', async () => {
    const stdout = new BufferStream();
    const { result } = await start({ stdout });
    await begin();
    await complete(0, { 1: 'out', 2: 'err' });
    expect(await result).toMatchObject({ stdout: Buffer.alloc(0), stderr: Buffer.from('err') });
    expect(stdout.text).toBe('out');
  });

  it.each<[string, ExecOptions['stdin']]>([
    ['text', 'grüße'],
    ['bytes', Buffer.from('grüße')],
    ['a stream', Readable.from([Buffer.from('grüße')])],
  ])('sends %s as stdin', async (_name, stdin) => {
    await start({ stdin });
    await begin();
    await settle();
    const data = Buffer.from('grüße').toString('base64');
    // Twelve characters, and the output of `cksum` for seven bytes.
    const end = 'E.12.230473831 7-';
    expect(remote.agent.input).toBe(`:1V\n:2D${data}\n:3${end}\n`);
  });

  it('sends variables in the session, and directory and user in the command', async () => {
    await start({ env: { A: 'secret' }, cwd: '/srv', user: 'nobody' });
    await begin();
    expect(remote.agent.input).toBe(':1VA=secret\n:2V\n');
    expect(remote.requests[0]?.command).toContain('/srv nobody true');
    expect(remote.requests[0]?.command).not.toContain('secret');
  });

  it('rejects with timed-out at the time limit', async () => {
    const { result } = await start({ timeoutMs: 1_000 });
    await begin();
    await remote.clock.advance(1_000);
    expect(remote.agent.input).toBe(':1V\n:2KTERM 42\n');
    await complete(124, { 1: '', 2: '' });
    await expect(result).rejects.toMatchObject({ code: 'timed-out', exitCode: 124 });
  });

  it('ends the command on an abort, and rejects with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { result } = await start({ signal: controller.signal });
    await begin();
    controller.abort(reason);
    await settle();
    expect(remote.agent.input).toBe(':1V\n:2KTERM 42\n');
    await complete(143, { 1: '', 2: '' });
    await expect(result).rejects.toBe(reason);
  });

  it('counts its time limit from the call, including the time to find the target', async () => {
    const ecs = await remote.ports.ecs();
    const listTasks = () => new Promise<readonly string[]>(() => undefined);
    remote.ports = { ...remote.ports, ecs: async () => ({ ...ecs, listTasks }) };
    const { result } = await start({ timeoutMs: 1000 });
    const failed = expect(result).rejects.toMatchObject({ code: 'timed-out', exitCode: 124 });
    await remote.clock.advance(1000);
    await failed;
    expect(remote.requests).toEqual([]);
  });

  it('starts nothing if the signal aborts after the end', async () => {
    const controller = new AbortController();
    const { result } = await start({ signal: controller.signal });
    await begin();
    await complete(0, { 1: '', 2: '' });
    await result;
    const { input } = remote.agent;
    controller.abort();
    expect({ input: remote.agent.input, timers: remote.clock.timers }).toEqual({
      input,
      timers: [],
    });
  });

  it('starts nothing if the signal has already aborted', async () => {
    const { result } = await start({ signal: AbortSignal.abort('no') });
    await expect(result).rejects.toBe('no');
    expect(remote.requests).toEqual([]);
  });

  it('rejects with the failure, and never resolves with an unknown status', async () => {
    const { result } = await start();
    await begin();
    remote.agent.close();
    await expect(result).rejects.toMatchObject({ name: 'EcshError', code: 'status-unknown' });
  });

  it.each<[string, readonly string[], ExecOptions, string]>([
    ['no command', [], {}, 'usage'],
    ['a variable that sh cannot export', ['true'], { env: { 'A\nB': '' } }, 'env-invalid'],
  ])('refuses %s', async (_name, argv, options, code) => {
    await expect(execIn(world, 'prod/web', argv, options)).rejects.toMatchObject({ code });
    expect(remote.requests).toEqual([]);
  });
});

describe('a target', () => {
  const find = (text: string, options = {}) =>
    findTarget(world, accessFor(world, text, options), text, options);

  it('is reported with the chosen task and container', async () => {
    const target = await find('web', {
      cluster: 'prod',
      onNotice: (text: string) => notices.push(text),
    });
    expect(target).toMatchObject({ cluster: 'prod', task: { taskArn: TASK } });
    expect(notices).toEqual(target.notices);
  });

  it('has the region of its ARN, and the option wins', async () => {
    await find(`${TASK}@app`);
    await find(`${TASK}@app`, { region: 'eu-west-1', profile: 'p', endpointUrl: 'http://e' });
    expect(settings).toEqual([
      { region: 'us-east-1' },
      { region: 'eu-west-1', profile: 'p', endpointUrl: 'http://e' },
    ]);
  });

  it('rejects if it does not exist', async () => {
    await expect(find('prod/nothing')).rejects.toBeInstanceOf(EcshError);
  });
});

describe('openShell', () => {
  let keyboard: PassThrough;
  let screen: BufferStream;

  beforeEach(() => {
    keyboard = new PassThrough();
    screen = new BufferStream();
  });

  async function open(options: Partial<ShellOptions> = {}) {
    const size = { cols: 90, rows: 20 };
    const shell = openShellIn(world, 'prod/web', {
      stdin: keyboard,
      stdout: screen,
      size,
      ...options,
    });
    shell.ended.catch(() => undefined);
    await settle();
    await settle();
    remote.agent.output('$ ');
    await settle();
    return shell;
  }

  it('shows output, sends input, resizes, and resolves with the status of the shell', async () => {
    const shell = await open();
    shell.resize({ cols: 100, rows: 30 });
    keyboard.write('~.exit 7\r');
    await settle();
    expect(remote.agent.input).toBe('~.exit 7\r');
    expect(remote.agent.sizes).toEqual(['90x20', '90x20', '100x30']);
    remote.reportStatus(7);
    remote.agent.close();
    expect(await shell.ended).toBe(7);
    expect(screen.text).toBe('$ ');
  });

  it('hangs up at the end of its input', async () => {
    const shell = await open();
    keyboard.end();
    expect(await shell.ended).toBe(129);
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });

  it('hangs up if kill is called before the session is open', async () => {
    const size = { cols: 90, rows: 20 };
    const shell = openShellIn(world, 'prod/web', { stdin: keyboard, stdout: screen, size });
    shell.kill();
    expect(await shell.ended).toBe(129);
    expect(remote.agents).toEqual([]);
  });

  it('ends the session on an abort, and rejects with its reason', async () => {
    const controller = new AbortController();
    const shell = await open({ signal: controller.signal });
    controller.abort('enough');
    await expect(shell.ended).rejects.toBe('enough');
    expect(remote.terminated).toEqual([SESSION.sessionId]);
  });
});
