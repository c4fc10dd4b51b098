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

/** The process, and the permissions that it takes from new files. */
export interface CopyEnvironment extends CopyProcess {
  readonly umask: number;
}

export interface WriteOptions extends CopyEnvironment {
  /** Existing files get the permissions of the source. */
  readonly preserves: boolean;
}

/**
 * A new temporary name in a directory. It names its machine and its process, so that a later download can
 * remove what a killed one has left there.
 */
export function stagingName({ pid }: CopyProcess): string {
  const name = `.ecsh-${machineId()}-${pid}-${crypto.randomUUID().slice(0, 8)}`;
  inUse.add(name);
  return name;
}

/** The temporary name is gone. */
export function forgetStaging(name: string): void {
  inUse.delete(name);
}

/** Names of this process, in which several downloads may be under way. */
const inUse = new Set<string>();

/**
 * Removes from a directory what downloads of killed processes have left. Never throws.
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

/** Differs between machines that may share a disk, containers included: their processes have other numbers. */
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
