import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
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
  return pids.filter((pid) => carries(pid, marker));
}

/** Reads synchronously: no disk is involved, and on a machine with many processes it costs a tenth. */
function carries(pid: string, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(marker);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}
