import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { agentFrame, attack, EXEC, endlessAttack, PEAK_MB } from '#test/helpers/hostile-aws.ts';
import { hasProc } from '#test/helpers/program.ts';

/** Sends frames as fast as the socket accepts them, until it closes. */
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

// Sequential, because each attack takes a whole core.
describe.skipIf(!hasProc)(`ecsh needs less than ${PEAK_MB} MB for`, () => {
  it('messages of 1 MB after a missing first one', async () => {
    let number = 0;
    const payload = new Uint8Array(1_000_000);
    const { peakMb } = await endlessAttack((socket) =>
      flood(socket, () => agentFrame(++number, payload)),
    );
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('small messages out of order between large ones', async () => {
    let number = 0;
    const small = Uint8Array.of(1);
    const large = new Uint8Array(65_000);
    const { peakMb } = await endlessAttack((socket) => {
      flood(socket, () =>
        number++ % 2 === 0 ? agentFrame(number, small) : agentFrame(10_000_000 + number, large),
      );
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('duplicates from an agent that never reads acknowledgements', async () => {
    const { peakMb } = await endlessAttack((socket) => {
      Reflect.get(socket, '_socket').pause();
      const frame = agentFrame(0, Uint8Array.of(1));
      flood(socket, () => frame);
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it('pings from an agent that never reads pongs', async () => {
    const { peakMb } = await endlessAttack((socket) => {
      const stream = Reflect.get(socket, '_socket');
      stream.pause();
      const pings = Buffer.concat(
        Array.from({ length: 500 }, () => Buffer.concat([Buffer.of(0x89, 125), Buffer.alloc(125)])),
      );
      const send = () => stream.write(pings, () => setImmediate(send));
      send();
    });
    expect(peakMb).toBeLessThan(PEAK_MB);
  });

  it.each(['ListTasks', 'DescribeTasks', 'DescribeClusters', 'ExecuteCommand'])(
    'a response to %s that never ends',
    async (operation) => {
      const { peakMb, finished } = await attack({
        onCall: (called, response) => called === operation && writeWithoutEnd(response),
      });
      expect(finished).toMatchObject({ status: 255, stdout: '' });
      expect(finished?.stderr).toContain('larger than any answer of AWS');
      expect(peakMb).toBeLessThan(PEAK_MB);
    },
  );

  it('a response of the maximum size', async () => {
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

  it('a list whose token keeps changing', async () => {
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
