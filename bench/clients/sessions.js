// @ts-check
/* Prints the CPU, in milliseconds, that as many sessions at once cost this process as its argument says. */
import { PassThrough, Writable } from 'node:stream';
import { openShell } from 'ecsh';
import { TASK } from '../api.js';

const sessions = Array.from({ length: Number(process.argv[2]) }, () =>
  openShell(TASK, {
    stdin: new PassThrough(),
    stdout: new Writable({ write: (_data, _encoding, done) => done() }),
    size: { cols: 80, rows: 24 },
  }).ended.catch(() => undefined),
);
await Promise.all(sessions);
const { user, system } = process.cpuUsage();
process.stderr.write(`${(user + system) / 1000}\n`);
process.exit();
