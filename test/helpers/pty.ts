import { startContainerProcess } from '#simulator/container/container-process.ts';
import { plainSpace } from '#simulator/container/container-space.ts';

/** A program on a real pty of this machine, its output as bytes. */
export interface PtyProcess {
  write(data: string): void;
  resize(cols: number, rows: number): void;
  /** Ends the session leader and its terminal, like TerminateSession. */
  hangUp(): void;
  /** Settles at the end of the output, when every program has left the terminal. */
  readonly ended: Promise<void>;
}

/** Runs a command like the agent: as session leader, with the kernel's terminal modes and size 0x0. */
export async function spawnPty(
  words: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  onData: (data: Uint8Array) => void,
): Promise<PtyProcess> {
  const hostPath = process.env.PATH ?? '';
  const child = await startContainerProcess({
    words,
    space: plainSpace(env),
    workdir: '/',
    hostPath,
  });
  const { terminal } = child;
  let writing = Promise.resolve();
  return {
    write: (data) => {
      writing = writing.then(() => terminal.write(Buffer.from(data))).catch(() => undefined);
    },
    resize: (cols, rows) => terminal.resize(cols, rows),
    hangUp: () => {
      child.kill();
      terminal.close();
    },
    ended: (async () => {
      for (let data = await terminal.read(); data !== undefined; data = await terminal.read()) {
        onData(data);
      }
      await child.exited;
      terminal.close();
    })(),
  };
}
