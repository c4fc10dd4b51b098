import { chmodSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createUnixSockets } from '#shared/local/unix-sockets.ts';
import { temporaryFolder } from '#test/helpers/temporary.ts';

const uid = process.getuid?.();

function socketsIn(runtimeFolder: string) {
  return createUnixSockets({ platform: process.platform, uid, runtimeFolder });
}

describe.skipIf(uid === undefined)('a socket between programs of one user', () => {
  it('connects them, and belongs to this user until it is closed', async () => {
    const sockets = socketsIn(temporaryFolder('sockets'));
    const listener = await sockets.listen((connection) => connection.end('hello'));
    const connection = await sockets.connect(listener.path);
    expect(connection === undefined ? undefined : await text(connection)).toBe('hello');
    const modes = [dirname(listener.path), listener.path].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600]);
    await listener.close();
    expect(existsSync(dirname(listener.path))).toBe(false);
  });

  it('reports that its program has ended or was killed', async () => {
    const folder = temporaryFolder('sockets');
    const sockets = socketsIn(folder);
    const listener = await sockets.listen(() => undefined);
    await listener.close();
    const killed = join(folder, 'killed');
    await leaveSocket(killed);
    for (const path of [listener.path, killed]) {
      await expect(sockets.connect(path)).rejects.toMatchObject({
        code: 'connect-gone',
        exitCode: 255,
        hint: 'Without it, each command opens its own session:  env -u ECSH_CONNECTED ecsh exec …',
      });
    }
  });

  it('is not used in a folder that others can enter', async () => {
    const folder = join(temporaryFolder('sockets'), 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    await leaveSocket(join(folder, 'session'));
    expect(await socketsIn(folder).connect(join(folder, 'session'))).toBeUndefined();
  });
});

/** A socket without a listener, as SIGKILL leaves it. Node.js removes only a socket that it bound. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.bound`, resolve));
  renameSync(`${path}.bound`, path);
  await new Promise((resolve) => server.close(resolve));
}
