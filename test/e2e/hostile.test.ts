import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createUpgradeSigner } from '#aws/call/upgrade-signer.ts';
import { createEcs } from '#aws/ecs/ecs.ts';
import { createKms } from '#aws/kms.ts';
import { createSsm } from '#aws/ssm.ts';
import type { App } from '#commands/app.ts';
import { main } from '#main.ts';
import { machineClock } from '#simulator/clock.ts';
import { fakeDoctor } from '#test/fakes/fake-doctor.ts';
import { Lab } from '#test/helpers/e2e.ts';
import { mutate, repairDigest } from '#test/helpers/mutation.ts';
import { Random } from '#test/helpers/random.ts';
import { rounds } from '#test/helpers/rounds.ts';
import { readSession, VECTORS } from '#test/helpers/wire.ts';
import { createOpenTransport } from '#transport/websocket.ts';

/** ECSH_FULL_CHAOS=1 runs all of it. */
const IS_FULL = process.env.ECSH_FULL_CHAOS === '1';
const INJECTED = IS_FULL ? 20_000 : rounds(3_000);
const ONE_BY_ONE = IS_FULL ? 200 : 20;
const AT_ONCE = IS_FULL ? 50 : 10;
const LIMIT_MS = IS_FULL ? 20 * 60_000 : 60_000;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(() => lab.stop());

const CORPUS = [
  ...VECTORS.map(({ frame }) => frame),
  ...(['shell-interactive', 'oneshot', 'kms', 'port-forward'] as const).flatMap((name) =>
    readSession(name).map(({ frame }) => frame),
  ),
  // Frames that end a session are left out, so that most sessions receive all of theirs.
].filter((frame) => !Buffer.from(frame).includes('channel_closed'));

it(
  `${INJECTED} damaged frames in open sessions cause neither a crash nor a hang`,
  async () => {
    const random = new Random(3);
    const outcomes = new Set<string>();
    for (let sent = 0; sent < INJECTED; ) {
      const program = lab.start(['exec', 'lab/app', '--', 'sh', '-c', 'echo ready; sleep 1']);
      await program.untilOutput('ready\n');
      for (let count = 0, isLive = true; isLive && count < 500; count++) {
        const damaged = mutate(random.pick(CORPUS), random);
        const frame = random.below(2) === 0 ? damaged : repairDigest(damaged);
        const answer = await lab.control('inject', {
          base64: Buffer.from(frame).toString('base64'),
        });
        // A session that a frame has ended accepts no more, so frames after that do not count.
        isLive = String(Reflect.get(Object(answer), 'state')) === 'connected';
        if (isLive) sent += 1;
      }
      const { status, stderr } = await program.finished;
      expect(stderr).not.toContain('bug');
      if (status !== 0) expect(stderr).toMatch(/^ecsh: .+ \[[a-z-]+\]\n/m);
      outcomes.add(`${status}`);
    }
    // Every status is one that scripts can expect.
    for (const status of outcomes) expect(['0', '126', '127', '255']).toContain(status);
  },
  LIMIT_MS,
);

it(
  'sessions leave no socket, timer or listener behind in the process',
  async () => {
    const app = createApp();
    const exec = async () => {
      const status = await main(
        ['exec', '-q', 'lab/app', '--', 'sh', '-c', 'echo hi; exit 5'],
        app,
      );
      expect(status).toBe(5);
    };
    // Permanent resources exist after the first run: keep-alive connections for the next call.
    await exec();
    await settled();
    const before = resources();
    for (let count = 0; count < ONE_BY_ONE; count++) await exec();
    const together = Array.from({ length: AT_ONCE }, exec);
    // The count includes the sockets while they are open.
    await vi.waitUntil(() => resources().sockets >= AT_ONCE, { timeout: 20_000, interval: 5 });
    await Promise.all(together);
    await settled();
    const after = resources();
    expect(after.listeners).toEqual(before.listeners);
    expect(after.timers).toBeLessThanOrEqual(before.timers);
    expect(after.sockets).toBeLessThanOrEqual(before.sockets);
  },
  LIMIT_MS,
);

/** The program in this process, connected to the simulator. */
function createApp(): App {
  const env = lab.environment;
  const text = (name: string) => env[name] ?? '';
  const direct = { endpointUrl: text('AWS_ENDPOINT_URL'), region: text('AWS_REGION'), env };
  const sign = createUpgradeSigner(direct);
  const never = () => Promise.reject(new Error('not for this test'));
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] = text(name);
  return {
    stdin: new PassThrough(),
    self: [],
    stdout: new Sink(),
    stderr: new Sink(),
    env,
    clock: machineClock,
    startedAt: machineClock.now(),
    signals: {
      on: (signal, handler) => {
        process.on(signal, handler);
        return () => process.off(signal, handler);
      },
      suspend: () => undefined,
    },
    terminal: undefined,
    copies: never,
    programs: never,
    aws: () => ({
      ecs: async () => createEcs(direct),
      ssm: async () => createSsm(direct),
      kms: async () => createKms(direct),
      inventory: never,
      admin: never,
      protection: never,
      logEvents: never,
      sessionLogs: never,
      openTransport: createOpenTransport({
        clock: machineClock,
        sign,
        ownEndpoint: async () => direct.endpointUrl,
      }),
      doctor: fakeDoctor(),
      guard: undefined,
    }),
    startSimulator: never,
    runProgram: never,
    sockets: { listen: never, connect: async () => undefined },
    listen: never,
    runInBackground: never,
    readFile: never,
    files: {
      read: async () => undefined,
      write: async () => undefined,
      readExact: async () => undefined,
      writeExact: async () => undefined,
    },
    prompts: () => undefined,
    hasUnreadInput: () => false,
    appendTo: async () => new PassThrough(),
  };
}

/** A writable without a file descriptor that discards its input. */
class Sink extends Writable {
  isTTY = false;
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

function resources() {
  const active = process.getActiveResourcesInfo();
  const count = (pattern: RegExp) => active.filter((name) => pattern.test(name)).length;
  return {
    sockets: count(/TCP|TLS/),
    timers: count(/Timeout/),
    listeners: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  };
}

/** Keep-alive connections close after a while. */
async function settled(): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (resources().sockets > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
