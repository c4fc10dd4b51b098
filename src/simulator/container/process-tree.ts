import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { killQuietly } from './container-process.ts';

/** Processes take a moment to die, and may fork meanwhile. */
const MAX_ROUNDS = 50;
const ROUND_MS = 10;

/**
 * Ends every process that carries this variable in its environment: what a session left behind, and
 * what fled from its process group and terminal. Only where there is a /proc. Settles when none is left.
 */
export async function killMarkedProcesses(marker: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const pids = await findMarked(marker);
    if (pids.length === 0) return;
    for (const pid of pids) killQuietly(Number(pid));
    await setTimeout(ROUND_MS);
  }
}

async function findMarked(marker: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const isMarked = await Promise.all(pids.map((pid) => carries(pid, marker)));
  return pids.filter((_, index) => isMarked[index] === true);
}

async function carries(pid: string, marker: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).includes(marker);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}
