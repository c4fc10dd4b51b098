import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Field, OpenFlag, packet, Status, Type } from '#ssh/sftp/sftp-packets.ts';
import { SftpServer } from '#ssh/sftp/sftp-server.ts';
import { SftpShell } from '#ssh/sftp/sftp-shell.ts';
import { localRunner } from '#test/helpers/local-runner.ts';
import { COMMON_SHELLS, type ShellName } from '#test/helpers/shells.ts';
import { removeFolder, temporaryFolder } from '#test/helpers/temporary.ts';

const { read, write, create, truncate, exclusive } = OpenFlag;
const NO_ATTRIBUTES = { uint32: 0 };
const sizeOf = (size: number) => [{ uint32: 1 }, { uint64: size }] as const;

/** A client that sends one request at a time. */
class Client {
  readonly #toServer: (data: Buffer) => void;
  #hear: (reply: Buffer) => void = () => undefined;

  constructor(shell: ShellName) {
    const { signal } = new AbortController();
    const stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        this.#hear(chunk);
        done();
      },
    });
    this.#toServer = (data) => stream.push(data);
    const served = new SftpServer(
      stream,
      new SftpShell(localRunner(shell), undefined, signal),
    ).serve();
    onTestFinished(async () => {
      stream.push(null);
      await served;
    });
  }

  /** @returns the reply without its length */
  ask(type: number, ...fields: readonly Field[]): Promise<Buffer> {
    const reply = new Promise<Buffer>((resolve) => {
      this.#hear = (data) => resolve(data.subarray(4));
    });
    this.#toServer(packet(type, { uint32: 7 }, ...fields));
    return reply;
  }

  /** @returns the status of the reply */
  async status(type: number, ...fields: readonly Field[]): Promise<number> {
    const reply = await this.ask(type, ...fields);
    expect(reply[0]).toBe(Type.status);
    return reply.readUInt32BE(5);
  }

  /** @returns the handle */
  async open(path: string, flags: number): Promise<Field> {
    const reply = await this.ask(Type.open, { text: path }, { uint32: flags }, NO_ATTRIBUTES);
    expect(reply[0]).toBe(Type.handle);
    return { bytes: reply.subarray(9) };
  }
}

describe.each(COMMON_SHELLS)('with %s', (shell) => {
  let folder: string;
  let client: Client;

  beforeEach(() => {
    folder = temporaryFolder('sftp');
    onTestFinished(() => removeFolder(folder));
    client = new Client(shell);
  });

  const put = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it.each([
    ['2^64-1', 2n ** 64n - 1n, Status.badMessage],
    ['2^63', 2n ** 63n, Status.badMessage],
    ['2^53+1, which is not a safe integer', 2n ** 53n + 1n, Status.badMessage],
  ])('a write at %s fails and changes nothing', async (_name, offset, status) => {
    const path = put('file', 'precious');
    const file = await client.open(path, write);
    const data = { text: 'EVIL' };
    expect(await client.status(Type.write, file, { uint64: offset }, data)).toBe(status);
    await client.status(Type.close, file);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('a write beyond the maximum file size fails, at the latest when the file is closed', async () => {
    const path = put('file', 'precious');
    const file = await client.open(path, write);
    await client.status(Type.write, file, { uint64: 2 ** 53 - 1 }, { text: 'EVIL' });
    expect(await client.status(Type.close, file)).toBe(Status.failure);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('resizing an open file takes effect at once, and later writes keep the size', async () => {
    const path = put('file', 'old');
    const file = await client.open(path, write | create | truncate);
    await client.status(Type.write, file, { uint64: 0 }, { text: '0123456789' });
    expect(await client.status(Type.fsetstat, file, ...sizeOf(4))).toBe(Status.ok);
    expect((await client.ask(Type.fstat, file)).readBigUInt64BE(9)).toBe(4n);
    await client.status(Type.write, file, { uint64: 4 }, { text: 'MORE' });
    expect(await client.status(Type.close, file)).toBe(Status.ok);
    expect(readFileSync(path, 'utf8')).toBe('0123MORE');
  });

  it('a truncated and rewritten file has the new content', async () => {
    const path = put('file', 'something old');
    const file = await client.open(path, read | write);
    await client.status(Type.fsetstat, file, ...sizeOf(0));
    await client.status(Type.write, file, { uint64: 0 }, { text: 'new' });
    expect(await client.status(Type.close, file)).toBe(Status.ok);
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('setting the size of a missing file does not create it', async () => {
    const path = join(folder, 'none');
    expect(await client.status(Type.setstat, { text: path }, ...sizeOf(5))).toBe(Status.noSuchFile);
    expect(existsSync(path)).toBe(false);
  });

  it('opening for reading creates a file if the client requests it', async () => {
    const path = join(folder, 'new');
    await client.status(Type.close, await client.open(path, read | create));
    expect(readFileSync(path, 'utf8')).toBe('');
    const flags = { uint32: read | create | exclusive };
    const again = await client.status(Type.open, { text: path }, flags, NO_ATTRIBUTES);
    expect(again).toBe(Status.failure);
  });

  it('opening an existing file for reading does not need write permission', async () => {
    // Linux refuses writes to a running program, by root too (open(2), ETXTBSY).
    const program = await client.open(process.execPath, read | create);
    expect(await client.status(Type.close, program)).toBe(Status.ok);
  });

  it('symbolic links keep every byte of their target', async () => {
    const path = join(folder, 'link');
    const target = Buffer.from('naïve\nba\\ck');
    expect(await client.status(Type.symlink, { bytes: target }, { text: path })).toBe(Status.ok);
    expect(readlinkSync(path, 'buffer').equals(target)).toBe(true);
  });

  it('opening a symbolic link loop for writing fails and replaces nothing', async () => {
    const path = join(folder, 'loop');
    symlinkSync('loop', path);
    const flags = { uint32: write | create | truncate };
    const opened = await client.status(Type.open, { text: path }, flags, NO_ATTRIBUTES);
    expect([opened, lstatSync(path).isSymbolicLink()]).not.toContain(Status.ok);
    expect(readdirSync(folder)).toEqual(['loop']);
  });

  it('a name with a NUL is rejected instead of truncated', async () => {
    put('ab', 'x');
    const flags = { uint32: write | create | truncate };
    const odd = { text: join(folder, 'a\0b') };
    expect(await client.status(Type.open, odd, flags, NO_ATTRIBUTES)).toBe(Status.badMessage);
    expect(await client.status(Type.remove, odd)).toBe(Status.badMessage);
    expect(readdirSync(folder)).toEqual(['ab']);
  });

  it('a file can be renamed to its own name', async () => {
    const path = put('file', 'text');
    const rename = { text: 'posix-rename@openssh.com' };
    const names = [{ text: path }, { text: path }];
    expect(await client.status(Type.extended, rename, ...names)).toBe(Status.ok);
    expect(readFileSync(path, 'utf8')).toBe('text');
  });

  it.each([
    ['a missing file', 'none', Status.noSuchFile],
    ['a file', 'file', Status.badMessage],
  ])(
    'reading %s as a link fails with the same status as in sftp-server',
    async (_what, name, status) => {
      put('file', 'text');
      expect(await client.status(Type.readlink, { text: join(folder, name) })).toBe(status);
    },
  );

  it('a truncated packet is a bad message, and the next one is served', async () => {
    expect(await client.status(Type.stat, { uint32: 99 })).toBe(Status.badMessage);
    expect(await client.status(Type.stat)).toBe(Status.badMessage);
    expect(await client.status(Type.rmdir, { text: join(folder, 'none') })).toBe(Status.noSuchFile);
  });
});
