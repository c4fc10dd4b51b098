// @ts-check
/*
 * One session for many commands, in the simulator, whose agent keeps the pace of the real one: `ecsh exec` inside
 * `ecsh connect` against a fresh one, and `connect()` of the library.
 */
import { execFileSync } from 'node:child_process';
import { connect } from '../../dist/index.js';
import { ECSH, timed } from '../programs.js';
import { absolute, compared, median, percentile } from '../result.js';

const TARGET = 'demo/web';
const ROUNDS = 7;
const COMMANDS = 40;
/** Whole processes that one median is of. */
const COUNT = 100;
/** Linux counts CPU for programs in hundredths of a second. */
const TICK_MS = 10;
const JOBS = 200;

export async function run() {
  return [...(await wholeProcesses()), ...(await inTheLibrary())];
}

/**
 * A program inside `ecsh connect` prints the milliseconds of each whole process, and the ticks of CPU that they and
 * as many runs of a bare Node.js used: a figure that other load on the machine changes little.
 */
async function wholeProcesses() {
  const fresh = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    fresh.push(await timed([...ECSH, 'exec', '-q', TARGET, '--', 'true']));
  }
  const script = `const { spawnSync } = require('node:child_process');
    const { readFileSync } = require('node:fs');
    const exec = ${JSON.stringify([...ECSH.slice(1), 'exec', '-q', TARGET, '--', 'true'])};
    const run = (argv) => { if (spawnSync(process.execPath, argv, { stdio: 'ignore' }).status !== 0) process.exit(1); };
    const ticks = () => { const f = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' '); return Number(f[13]) + Number(f[14]); };
    run(exec);
    const times = [];
    const begun = ticks();
    for (let n = 0; n < ${COUNT}; n += 1) { const t = performance.now(); run(exec); times.push(performance.now() - t); }
    const cpu = ticks() - begun;
    for (let n = 0; n < ${COUNT}; n += 1) run(['-e', '0']);
    console.log(JSON.stringify({ times, cpu, bare: ticks() - begun - cpu }));`;
  const [file = '', ...words] = ECSH;
  const args = [...words, 'connect', '-q', TARGET, '--', process.execPath, '-e', script];
  const { times, cpu, bare } = JSON.parse(execFileSync(file, args, { encoding: 'utf8' }));
  const total =
    times.reduce((/** @type {number} */ sum, /** @type {number} */ time) => sum + time, 0) / 1000;
  return [
    compared('shared: a further exec', {
      ours: times,
      theirs: fresh,
      name: 'fresh',
      unit: 'ms',
      most: 0.1,
    }),
    compared('shared: CPU of a further exec', {
      ours: [(cpu * TICK_MS) / COUNT],
      theirs: [(bare * TICK_MS) / COUNT],
      name: 'node -e 0',
      unit: 'ms',
      most: 1.4,
    }),
    absolute('shared: a further exec, median', { measured: median(times), unit: 'ms', most: 90 }),
    absolute('shared: a further exec, 95 %', {
      measured: percentile(times, 0.95),
      unit: 'ms',
      most: 150,
    }),
    absolute('shared: 100 execs in a row', { measured: total, unit: 's', most: 10 }),
  ];
}

async function inTheLibrary() {
  const task = await connect(TARGET);
  try {
    await task.exec(['true']);
    const alone = await timesOf(task, COMMANDS);
    const many = await took(() =>
      Promise.all(Array.from({ length: 20 }, () => task.exec(['sh', '-c', 'sleep .5; echo x']))),
    );
    const bulk = task.exec(['head', '-c', '4000000', '/dev/zero']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const beside = await timesOf(task, COMMANDS);
    await bulk;
    const memory = await memoryOfJobs(task);
    return [
      absolute('shared: a command of the library', {
        measured: median(alone),
        unit: 'ms',
        most: 35,
      }),
      absolute('shared: 20 at once beyond their sleep', {
        measured: many - 500,
        unit: 'ms',
        most: 500,
      }),
      absolute('shared: a command beside a download', {
        measured: median(beside),
        unit: 'ms',
        most: 60,
      }),
      absolute(`shared: memory of ${JOBS} jobs`, { measured: memory, unit: 'MiB', most: 300 }),
    ];
  } finally {
    await task.close();
  }
}

/** @param {Awaited<ReturnType<typeof connect>>} task @param {number} count */
async function timesOf(task, count) {
  const times = [];
  for (let round = 0; round < count; round += 1) times.push(await took(() => task.exec(['true'])));
  return times;
}

/** @param {() => Promise<unknown>} work */
async function took(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/**
 * MiB that all processes of 200 sleeping commands use in the container, their own shells included.
 *
 * @param {Awaited<ReturnType<typeof connect>>} task
 */
async function memoryOfJobs(task) {
  const abort = new AbortController();
  const { signal } = abort;
  const mark = `BENCH_${process.pid}`;
  const jobs = Array.from({ length: JOBS }, () =>
    task.exec(['sleep', '600'], { env: { [mark]: '1' }, signal }).catch(() => undefined),
  );
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  // Private memory: the programs themselves are shared by all.
  const script = `for p in /proc/[0-9]*; do
    case $(tr '\\0' ' ' < $p/cmdline) in *'ecsh '*|'dd bs='*|'base64 '*|'sleep 600 ') grep -h '^Private' $p/smaps_rollup;; esac
    done 2>/dev/null | awk '{ sum += $2 } END { print sum / 1024 }'`;
  const { stdout } = await task.exec(['sh', '-c', script]);
  abort.abort();
  await Promise.all(jobs);
  return Number(stdout);
}
