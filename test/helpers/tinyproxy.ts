import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { isInstalled, Program } from './program.ts';

export const hasTinyproxy = isInstalled('tinyproxy', '-v');

const START_LIMIT_MS = 5_000;

/** A tinyproxy of this machine on its own port. */
export class Tinyproxy {
  readonly port: number;
  readonly #log: string;
  readonly #program: Program;

  private constructor(port: number, log: string, program: Program) {
    this.port = port;
    this.#log = log;
    this.#program = program;
  }

  /** `settings` are additional lines of its configuration. */
  static async start(folder: string, settings: readonly string[] = []): Promise<Tinyproxy> {
    const own = mkdtempSync(join(folder, 'tinyproxy-'));
    const port = await freePort();
    const log = join(own, 'log');
    const lines = [`Port ${port}`, 'Listen 127.0.0.1', `LogFile "${log}"`, 'LogLevel Info'];
    writeFileSync(join(own, 'conf'), [...lines, ...settings, ''].join('\n'));
    const { PATH = '' } = process.env;
    const words = ['tinyproxy', '-d', '-c', join(own, 'conf')];
    const program = new Program(words, { env: { PATH } });
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await isListening(port))) {
      if (Date.now() > deadline) throw new Error(`tinyproxy does not start: ${program.stderr}`);
      await sleep(20);
    }
    return new Tinyproxy(port, log, program);
  }

  /** `host:port` of every CONNECT that it received. */
  get connects(): readonly string[] {
    const requests = readFileSync(this.#log, 'utf8').matchAll(/CONNECT (\S+) HTTP/g);
    return Array.from(requests, ([, authority]) => authority ?? '');
  }

  async stop(): Promise<void> {
    this.#program.signal('SIGKILL');
    await this.#program.finished;
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
