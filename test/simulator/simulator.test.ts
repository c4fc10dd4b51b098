import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageType, PayloadType } from '#protocol/message.ts';
import { encodeSize } from '#protocol/payload.ts';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import { NO_FAULTS } from '#simulator/gateway/faults.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

let simulator: Simulator;
let client: RawClient;

/** The real delays, except those that would only slow down the tests. */
const fleet = defaultFleet();
const quick = {
  ...fleet,
  timings: { ...fleet.timings, outputDelayMs: 20, startFailureMs: 20, crashReportMs: 20 },
};

beforeEach(async () => {
  simulator = await startSimulator({ fleet: quick, env: process.env });
  client = new RawClient(simulator);
});

afterEach(async () => {
  client.vanish();
  await simulator.stop();
});

describe('a session', () => {
  it('runs from ExecuteCommand to channel_closed; frames of the service have 112-byte headers', async () => {
    await client.execute("sh -c 'echo out; echo err >&2; exit 7'");
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    expect(client.output).toBe('out\r\nerr\r\n');
    expect(client.closedWith).toBe('');
    const kinds = client.messages.map(({ messageType }, i) => [
      messageType,
      client.headerLengths[i],
    ]);
    expect(kinds).toEqual([
      [MessageType.startPublication, 112],
      ...client.of(MessageType.output).map(() => [MessageType.output, 116]),
      [MessageType.pausePublication, 112],
      [MessageType.channelClosed, 112],
    ]);
  });

  it('echoes, ends lines with CRLF, and starts with a terminal size of 0x0', async () => {
    await client.execute("sh -c 'stty size; read x; stty size; echo got:$x'");
    await client.open();
    await client.until(() => client.output.includes('0 0\r\n'));
    client.send(encodeSize({ cols: 101, rows: 37 }), PayloadType.size);
    client.send('hello\r');
    await client.until(() => client.closedWith !== undefined);
    expect(client.output).toBe('0 0\r\nhello\r\n37 101\r\ngot:hello\r\n');
    expect(client.acknowledged).toEqual([0, 1]);
  });

  it('acknowledges a Size before any output, and its duplicate again', async () => {
    await client.execute('cat');
    await client.open();
    await client.until(() => client.of(MessageType.startPublication).length > 0);
    const payload = encodeSize({ cols: 80, rows: 24 });
    const number = await client.sendSurely(payload, PayloadType.size);
    const before = client.acknowledged.length;
    client.sendFrame(number, payload, PayloadType.size);
    await client.until(() => client.acknowledged.length > before);
    expect(new Set(client.acknowledged)).toEqual(new Set([number]));
    expect(client.output).toBe('');
  });

  it('ignores input after a malformed Size', async () => {
    await client.execute("sh -c 'echo ready; cat'");
    await client.open();
    await client.until(() => client.output === 'ready\r\n');
    client.send('heard\r');
    const bad = client.send('{"cols":-1,"rows":24}', PayloadType.size);
    const number = client.send('lost\r');
    await client.until(() => client.acknowledged.includes(number));
    expect(client.acknowledged).not.toContain(bad);
    await client.until(() => client.output === 'ready\r\nheard\r\nheard\r\n');
  });

  it('transfers hundreds of kilobytes unchanged in reads of at most 1024 bytes', async () => {
    await client.execute("sh -c 'stty raw; seq 1 60000'");
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    const expected = Array.from({ length: 60_000 }, (_, i) => `${i + 1}\n`).join('');
    expect(client.output === expected).toBe(true);
    expect(Math.max(...client.of(MessageType.output).map((m) => m.payload.length))).toBe(1024);
  });

  it('passes a megabyte of input to a slow reader without losing any', async () => {
    await client.execute("sh -c 'stty raw -echo; echo ready; sleep 0.3; head -c 1000000 | md5sum'");
    await client.open();
    await client.until(() => client.output.includes('ready'));
    const block = Buffer.alloc(1000, 'x');
    for (let i = 0; i < 1000; i++) client.send(block);
    await client.until(() => client.closedWith !== undefined);
    const digest = createHash('md5').update(Buffer.alloc(1_000_000, 'x')).digest('hex');
    expect(client.output).toContain(`${digest}  -`);
    expect(client.acknowledged).toHaveLength(1000);
  });

  it('resends unacknowledged output, and drops the rest 2 s after the end', async () => {
    client.isAcknowledging = false;
    await client.execute('echo lost');
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    const numbers = client.of(MessageType.output).map(({ sequenceNumber }) => sequenceNumber);
    expect(numbers.length).toBeGreaterThan(5);
    expect(new Set(numbers)).toEqual(new Set([0]));
  });

  it.each([
    ['nosuch x', 'Failed to start pty: exec: "nosuch": executable file not found in $PATH'],
    ['/no/such', 'Failed to start pty: fork/exec /no/such: no such file or directory'],
    ['/etc', 'Failed to start pty: fork/exec /etc: permission denied'],
    ["sh 'x", 'Failed to parse commands input: EOF found when expecting closing quote'],
  ])('that runs %j ends with the reason', async (command, reason) => {
    await client.execute(command);
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe(
      `\n----------ERROR-------\nUnable to start command: ${reason}\n\n`,
    );
  });

  it('that runs only a comment crashes the session worker', async () => {
    await client.execute('# nothing');
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toMatch(/^document process failed unexpectedly: /);
  });

  it('outlives the terminal if the command closes it', async () => {
    await client.execute("sh -c 'exec >/dev/null 2>&1 </dev/null; sleep 0.5'");
    const startedAt = Date.now();
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    expect(Date.now() - startedAt).toBeGreaterThan(450);
  });

  it('blocks the program while no client is connected, and resumes with a new token', async () => {
    await client.execute("sh -c 'echo start; read x; seq 1 20000; echo end'");
    await client.open();
    await client.until(() => client.output.includes('start'));
    const used = client.token;
    client.send('\r');
    await client.until(() => client.output.includes('\n2\r\n'));
    client.vanish();
    await client.until(() => client.closeCode !== undefined);

    await client.open(used);
    await client.until(() => client.closeCode !== undefined);
    expect(client.closeCode).toBe(1008);

    await client.resume();
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i + 1}\r\n`).join('');
    expect(client.output === `start\r\n\r\n${lines}end\r\n`).toBe(true);
  });

  it('keeps output from before the client connects, however late that is', async () => {
    await client.execute('seq 1 20000');
    await setTimeout(500);
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i + 1}\r\n`).join('');
    expect(client.output === lines).toBe(true);
  });

  it('ends on TerminateSession: its token is invalid, and its program is gone', async () => {
    await client.execute("sh -c 'echo $$; sleep 1000'");
    await client.open();
    await client.until(() => client.output.endsWith('\r\n'));
    await client.terminate();
    await client.until(() => client.closedWith !== undefined);
    await client.until(() => client.closeCode !== undefined);
    await expect(client.resume()).rejects.toThrow('no text in TokenValue');
    expect(await isRunning(Number(client.output))).toBe(false);
  });

  it('requires binary frames after the open frame', async () => {
    await client.execute('cat');
    await client.open('wrong');
    await client.until(() => client.closeCode !== undefined);
    expect(client.closeCode).toBe(1008);
  });

  it('survives loss, duplication and reordering if both ends resend', async () => {
    simulator.setFaults({ ...NO_FAULTS, drop: 0.1, dup: 0.1, reorder: 0.1 });
    await client.execute('seq 1 300');
    await client.open();
    await client.until(() => client.closedWith !== undefined);
    const lines = Array.from({ length: 300 }, (_, i) => `${i + 1}\r\n`).join('');
    expect(client.output).toBe(lines);
  });
});

describe('simulator.stop', () => {
  it('ends processes that left their session', async () => {
    await client.execute("sh -c 'setsid sleep 1000 & echo $!; sleep 1000'");
    await client.open();
    await client.until(() => client.output.endsWith('\r\n'));
    const [record] = simulator.sessions.values();
    const pids = [Number(client.output.trim()), record?.process?.pid ?? 0];
    await simulator.stop();
    expect(await Promise.all(pids.map(isRunning))).toEqual([false, false]);
  });
});

/** A killed process can remain a zombie until its parent reaps it. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+[ZX]/m.test(status);
}
