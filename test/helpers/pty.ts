import { spawn } from '@lydell/node-pty';

/** A program on a real pty of this machine, its output as bytes. */
export interface PtyProcess {
  readonly pid: number;
  write(data: string | Uint8Array): void;
  onData(listener: (data: Uint8Array) => void): void;
  readonly exited: Promise<{ readonly exitCode: number; readonly signal: number }>;
  resize(cols: number, rows: number): void;
  kill(signal: string): void;
}

export function spawnPty(
  argv: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cols?: number; rows?: number; cwd?: string } = {},
): PtyProcess {
  const [file = '', ...args] = argv;
  const pty = spawn(file, args, {
    encoding: null,
    env: options.env ?? process.env,
    cols: options.cols ?? 80,
    rows: options.rows ?? 24,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return {
    pid: pty.pid,
    write: (data) => pty.write(typeof data === 'string' ? data : Buffer.from(data)),
    onData: (listener) => pty.onData((data) => listener(Buffer.from(data))),
    exited: new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => resolve({ exitCode, signal: signal ?? 0 }));
    }),
    resize: (cols, rows) => pty.resize(cols, rows),
    kill: (signal) => pty.kill(signal),
  };
}
