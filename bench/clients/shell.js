// @ts-check
/* A terminal session of the library on this process's own streams. */
import { openShell } from 'ecsh';
import { TASK } from '../api.js';

const { stdin, stdout } = process;
const { ended } = openShell(TASK, { stdin, stdout, size: { cols: 80, rows: 24 } });
// The agent of the bench tells no status.
await ended.catch(() => undefined);
process.exit();
