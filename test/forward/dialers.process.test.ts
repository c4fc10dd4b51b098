import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DIALERS,
  type Dialer,
  dialCommands,
  FIND_DIALER,
  refusalIn,
  saysConnected,
} from '#forward/dialers.ts';

let server: Server;
let port: number;

/** Replies at the end of its input with all of it; if the input begins with `close`, it replies at once. */
beforeAll(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (`${chunks[0]}`.startsWith('close')) socket.end('closed');
    });
    socket.on('end', () => socket.end(Buffer.concat(chunks)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(() => server.close());

interface Outcome {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function dial(argv: readonly string[], input: Uint8Array, endsInput: boolean) {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(input);
  if (endsInput) child.stdin.end();
  const [status] = await once(child, 'close');
  child.stdin.destroy();
  return { status, stdout: Buffer.concat(stdout), stderr } satisfies Outcome;
}

function isInstalled({ program }: Dialer): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

const BUSYBOX_NC: Dialer | undefined = (() => {
  const [nc] = DIALERS.filter(({ program }) => program === 'nc');
  if (nc === undefined || spawnSync('busybox', ['nc', '--help']).error !== undefined)
    return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'ecsh-nc-'));
  symlinkSync('/bin/busybox', join(folder, 'nc'));
  return {
    ...nc,
    program: 'busybox nc',
    argv: (host, to) => ['env', `PATH=${folder}:${process.env.PATH}`, ...nc.argv(host, to)],
  };
})();

const installed = [
  ...DIALERS.filter(isInstalled),
  ...(BUSYBOX_NC === undefined ? [] : [BUSYBOX_NC]),
];

describe.each(installed.map((dialer) => [dialer.program, dialer] as const))(
  '%s',
  (_name, dialer) => {
    const command = (to: number) => dialCommands(dialer, { host: '127.0.0.1', port: to })[0] ?? [];

    it('carries a connection that the remote side ends', async () => {
      const { status, stdout, stderr } = await dial(command(port), Buffer.from('close'), false);
      expect({ status, stdout: `${stdout}` }).toEqual({ status: 0, stdout: 'closed' });
      expect(status === 0 || stderr.split('\n').some(saysConnected)).toBe(true);
    });

    if (dialer.closesHalf) {
      it('passes every byte both ways, and the end of its input', async () => {
        const content = Buffer.from(
          Array.from({ length: 1_000_000 }, (_, at) => (at * 7 + (at >> 8)) % 256),
        );
        const { status, stdout, stderr } = await dial(command(port), content, true);
        expect(status).toBe(0);
        expect(stdout.equals(content)).toBe(true);
        expect(stderr.split('\n').some(saysConnected)).toBe(true);
      });
    }

    it('reports that a connection was refused', async () => {
      const { status, stdout, stderr } = await dial(command(1), Buffer.from('x'), true);
      expect(status).not.toBe(0);
      expect(`${stdout}`).toBe('');
      expect(stderr.split('\n').some(saysConnected)).toBe(false);
      if (dialer.program.endsWith('nc')) return;
      expect(refusalIn(stderr)).toBe('refused');
    });
  },
);

it('the first working program is chosen', () => {
  const [program = '', ...args] = FIND_DIALER;
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  expect(DIALERS.map((dialer) => dialer.program)).toContain(stdout.trim());
});

it.each([
  ['bash: connect: Connection refused', 'refused'],
  ['ecsh-down ECONNREFUSED', 'refused'],
  ['ecsh-down [Errno -2] Name or service not known', 'unknown-host'],
  ["nc: bad address 'nosuch'", 'unknown-host'],
  ['ecsh-down getaddrinfo ENOTFOUND nosuch', 'unknown-host'],
  ['E connect(5, AF=2 10.0.0.9:1, 16): No route to host', 'unreachable'],
  ['ecsh-down Connection timed out', 'timed-out'],
  ['', 'failed'],
])('reads %j as %s', (complaints, why) => {
  expect(refusalIn(complaints)).toBe(why);
});
