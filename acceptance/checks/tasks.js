import { setTimeout } from 'node:timers/promises';
import { awsOf } from '../aws.js';
import { codeIn, jsonOf, pass, reasonIn, same, seen, skip } from '../check.js';
import { NO_LOG } from './records.js';

/** Checks that start a task or change one: all of them need --allow-changes. */

const NEEDS_CHANGES = skip('needs --allow-changes');
const LIVE_MS = 20_000;
/** For a task to be placed, its image pulled, and its agent started. */
const TASK = { limitMs: 600_000 };

/** @type {readonly import('../check.js').Check[]} */
export const TASK_CHECKS = [
  {
    id: 'run',
    title: 'ecsh run: a task of its own, and its status',
    questions: [],
    async run({ ecsh, target, mayChange }) {
      if (!mayChange) return NEEDS_CHANGES;
      const words = ['run', '-y', target, '--', 'sh', '-c', 'exit 5'];
      const { status, stderr } = await ecsh(words, TASK);
      if (codeIn(stderr) === 'usage') return skip(reasonIn(stderr));
      if (status !== 5) throw new Error(`status ${status}: ${reasonIn(stderr)}`);
      return pass();
    },
  },
  {
    id: 'run-wait',
    title: 'ecsh run --detach, then --wait: the status of the task',
    questions: [],
    async run({ ecsh, target, mayChange }) {
      if (!mayChange) return NEEDS_CHANGES;
      const command = ['sh', '-c', 'echo detached; exit 5'];
      const { status, stdout, stderr } = await ecsh([
        'run',
        '-y',
        '--detach',
        target,
        '--',
        ...command,
      ]);
      if (codeIn(stderr) === 'usage') return skip(reasonIn(stderr));
      if (status !== 0) throw new Error(reasonIn(stderr));
      const waited = await ecsh(['run', '--wait', stdout.toString().trim()], TASK);
      same(waited.status, 5, reasonIn(waited.stderr));
      const hasLog = waited.stdout.toString().includes('detached');
      return pass(hasLog ? 'with its log' : `without its log: ${reasonIn(waited.stderr)}`);
    },
  },
  {
    id: 'run-image',
    title: 'ecsh run --image: a revision that is deregistered',
    questions: ['U-42'],
    async run({ ecsh, target, mayChange }) {
      if (!mayChange) return NEEDS_CHANGES;
      const { images = [], containers = [], tasks = [], taskArn } = await described(ecsh, target);
      const [{ image = undefined } = {}] = [...images, ...containers];
      if (image === undefined) return skip('no image is known');
      const words = ['run', '-y', '--image', image, target, '--', 'sh', '-c', 'exit 5'];
      const { status, stderr } = await ecsh(words, TASK);
      if (codeIn(stderr) === 'usage') return skip(reasonIn(stderr));
      if (status !== 5) throw new Error(`status ${status}: ${reasonIn(stderr)}`);
      const [, revision = ''] = /Registered (\S+:\d+)/.exec(stderr) ?? [];
      const task = taskArn ?? tasks[0]?.taskArn;
      same(await revisionStatus(task, revision), 'INACTIVE', `revision ${revision}`);
      return pass();
    },
  },
  {
    id: 'protect',
    title: 'exec --protect leaves no scale-in protection behind',
    questions: ['U-39'],
    async run({ ecsh, target, mayChange }) {
      if (!mayChange) return NEEDS_CHANGES;
      const chosen = await ecsh(['exec', '--json', target, '--', 'true']);
      if (chosen.status !== 0) throw new Error(reasonIn(chosen.stderr));
      const { task, container } = jsonOf(chosen);
      if ((await protectedUntil(task)) !== undefined) return skip('the task is protected already');
      const words = ['exec', '-q', '--protect', `${task}@${container}`, '--', 'true'];
      const { status, stderr } = await ecsh(words);
      if (status !== 0) throw new Error(reasonIn(stderr));
      // The release is the last call of ecsh; another reader may see it a moment later.
      await setTimeout(1_000);
      same(await protectedUntil(task), undefined, 'end of the protection');
      return pass();
    },
  },
  {
    id: 'live-tail',
    title: 'ecsh logs --live: Live Tail opens',
    questions: ['U-37'],
    async run({ ecsh, target, mayChange }) {
      if (!mayChange) return NEEDS_CHANGES;
      const words = ['logs', '--live', '--json', target];
      const { status, stdout, stderr } = await ecsh(words, { limitMs: LIVE_MS });
      const code = codeIn(stderr);
      if (NO_LOG.has(code ?? '')) return skip(reasonIn(stderr));
      if (code !== undefined) throw new Error(`status ${status}: ${reasonIn(stderr)}`);
      const lines = stdout.toString().split('\n').length - 1;
      return seen(`${lines} lines in ${LIVE_MS / 1_000} s`);
    },
  },
];

/**
 * @param {import('../context.js').Context['ecsh']} ecsh
 * @param {string} target
 */
async function described(ecsh, target) {
  const { status, stdout, stderr } = await ecsh(['describe', '--json', target]);
  if (status !== 0) throw new Error(reasonIn(stderr));
  return JSON.parse(stdout.toString());
}

/**
 * @param {string} task the ARN of one that is protected or not
 * @returns {Promise<string | undefined>}
 */
async function protectedUntil(task) {
  const { ecs, cluster } = await awsOf(task);
  const { protectedTasks = [] } = await (await ecs()).getTaskProtection({ cluster, tasks: [task] });
  const [{ protectionEnabled = false, expirationDate = undefined } = {}] = protectedTasks;
  return protectionEnabled ? String(expirationDate?.toISOString()) : undefined;
}

/**
 * @param {string} task the ARN of one in the same region
 * @param {string} revision
 */
async function revisionStatus(task, revision) {
  const { ecs } = await awsOf(task);
  const { taskDefinition } = await (await ecs()).describeTaskDefinition({
    taskDefinition: revision,
  });
  return taskDefinition?.status;
}
