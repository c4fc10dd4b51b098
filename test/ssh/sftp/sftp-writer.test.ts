import { expect, it } from 'vitest';
import { EcshError } from '#domain/errors/errors.ts';
import { SftpShell } from '#ssh/sftp/sftp-shell.ts';
import { SftpWriter } from '#ssh/sftp/sftp-writer.ts';

const DONE = { status: 0, exitCode: 0, wasStopped: false, sessionId: 's', failure: undefined };
const LOST = {
  ...DONE,
  status: undefined,
  exitCode: 255,
  failure: new EcshError('session-failed', 'The session was terminated.'),
};

/** Opens a file for writing. `lose` ends its first write command as a lost session does; all other commands succeed. */
async function openFile() {
  const scripts: string[] = [];
  let lose: () => void = () => undefined;
  const shell = new SftpShell(
    {
      start: ([, , script = ''], { stdin, stdout }) => {
        scripts.push(script);
        const isFirst = scripts.filter((one) => one.includes('cat')).length === 1;
        const ended = new Promise<typeof DONE | typeof LOST>((resolve) => {
          if (stdin === undefined) {
            stdout.write('/srv/.staged\0/srv/f\0', () => resolve(DONE));
          } else if (isFirst) {
            lose = () => resolve(LOST);
          } else {
            stdin.on('end', () => resolve(DONE)).resume();
          }
        });
        return { ended, signal: () => undefined, stop: () => undefined };
      },
    },
    undefined,
    new AbortController().signal,
  );
  const options = { path: '/srv/f', flags: 0x1a, mode: undefined, id: '1' };
  const writer = await SftpWriter.open(shell, options);
  return { writer, scripts, lose: () => lose() };
}

it('a file with a failed write is not committed, even if later writes succeed', async () => {
  const { writer, scripts, lose } = await openFile();
  await writer.write(0, Buffer.from('first'));
  lose();
  await new Promise(setImmediate);
  const late = { message: 'The session was terminated.' };
  await expect(writer.write(5, Buffer.from('second'))).rejects.toMatchObject(late);
  // OpenSSH continues an upload if a later write succeeds.
  await expect(writer.write(11, Buffer.from('third'))).rejects.toMatchObject(late);
  await expect(writer.close()).rejects.toMatchObject(late);
  expect(scripts.filter((script) => script.includes('mv -f'))).toEqual([]);
  expect(scripts.at(-1)).toContain('rm -f');
});

it('a write that waits for room fails if the command ends first', async () => {
  const { writer, lose } = await openFile();
  const waiting = writer.write(0, Buffer.alloc(1_000_000));
  await new Promise(setImmediate);
  lose();
  await expect(waiting).rejects.toMatchObject({ message: 'The session was terminated.' });
});
