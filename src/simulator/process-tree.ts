import { readdir, readFile } from 'node:fs/promises';
import { killQuietly } from './container-process.ts';

/**
 * Ends every process that carries this variable in its environment: what a session left behind, and
 * what fled from its process group and terminal. Only where there is a /proc.
 */
export async function killMarkedProcesses(marker: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(pids.map((pid) => carries(pid, marker)));
  for (const [index, pid] of pids.entries()) {
    if (marked[index] === true) killQuietly(Number(pid));
  }
}

async function carries(pid: string, marker: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).includes(marker);
  } catch {
    // Ended meanwhile, or somebody else's.
    return false;
  }
}
