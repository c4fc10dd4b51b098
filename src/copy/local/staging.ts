import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { bytesOf } from './raw-path.ts';

/** The process that copies. */
export interface CopyProcess {
  readonly pid: number;
  /** Whether a process of this machine is running. */
  isRunning(pid: number): boolean;
}

/** The process, and the umask that it applies to new files. */
export interface CopyEnvironment extends CopyProcess {
  readonly umask: number;
}

export interface WriteOptions extends CopyEnvironment {
  /** Existing files get the permissions of the source. */
  readonly preserves: boolean;
}

/**
 * A new temporary name in a directory. It contains the machine and the process, so that a later download can remove
 * the leftovers of a killed one.
 */
export function stagingName({ pid }: CopyProcess): string {
  const name = `.ecsh-${machineId()}-${pid}-${crypto.randomUUID().slice(0, 8)}`;
  inUse.add(name);
  return name;
}

/** Marks the temporary name as no longer used. */
export function forgetStaging(name: string): void {
  inUse.delete(name);
}

/** Temporary names of this process, which can run several downloads at once. */
const inUse = new Set<string>();

/**
 * Removes the leftovers of killed downloads from a directory. Never throws.
 *
 * @param folder raw
 */
export async function removeLeftovers(folder: string, process: CopyProcess): Promise<void> {
  const names = await readdir(bytesOf(folder), { encoding: 'latin1' }).catch(() => []);
  for (const name of names) {
    const [, machine, pid] = LEFTOVER.exec(name) ?? [];
    if (machine !== machineId() || inUse.has(name)) continue;
    if (Number(pid) !== process.pid && process.isRunning(Number(pid))) continue;
    await rm(bytesOf(`${folder}/${name}`), { recursive: true, force: true }).catch(() => undefined);
  }
}

const LEFTOVER = /^\.ecsh-([0-9a-f]{8})-(\d+)-[0-9a-f]{8}$/;

/** Differs between machines that share a disk, including containers, because their process ids are unrelated. */
function machineId(): string {
  const hash = createHash('sha256').update(`${hostname()} ${pidNamespace()}`);
  return hash.digest('hex').slice(0, 8);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
