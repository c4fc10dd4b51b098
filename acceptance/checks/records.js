import { setTimeout } from 'node:timers/promises';
import { codeIn, pass, reasonIn, seen, skip } from '../check.js';

/** Checks of what AWS keeps of a service and its sessions: description, lists, logs. */

const SESSION_SECONDS = '12';
/** For the agent to write the log of an open session, if it does. */
const OPEN_MS = 8_000;
const LOG_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 3_000;
/** The container writes its log elsewhere, or sessions are not recorded. */
export const NO_LOG = new Set(['log-unreadable', 'session-not-logged']);

/** @type {readonly import('../check.js').Check[]} */
export const RECORD_CHECKS = [
  {
    id: 'describe',
    title: 'one page on the service',
    questions: [],
    async run({ ecsh, target }) {
      const { status, stdout, stderr } = await ecsh(['describe', '--json', target]);
      if (status !== 0) throw new Error(reasonIn(stderr));
      const { kind, tasks = [], images = [], containers = images } = JSON.parse(stdout.toString());
      const count = kind === 'service' ? `${tasks.length} tasks, ` : '';
      return pass(`${kind}: ${count}${containers.length} containers`);
    },
  },
  {
    id: 'logs',
    title: 'the last lines of its log',
    questions: [],
    async run({ ecsh, target }) {
      const { status, stdout, stderr } = await ecsh(['logs', '--tail', '5', '--json', target]);
      if (NO_LOG.has(codeIn(stderr) ?? '')) return skip(reasonIn(stderr));
      if (status !== 0) throw new Error(reasonIn(stderr));
      return pass(`${stdout.toString().split('\n').length - 1} lines`);
    },
  },
  {
    id: 'sessions',
    title: 'an open session is listed, with its owner and its caller',
    questions: ['U-35'],
    async run({ ecsh, target }) {
      const words = ['exec', '--json', target, '--', 'sleep', SESSION_SECONDS];
      const running = { isOver: false };
      const command = ecsh(words).finally(() => {
        running.isOver = true;
      });
      const listed = await listedUntilOver(ecsh, running);
      const { status, stdout, stderr } = await command;
      if (status !== 0) throw new Error(reasonIn(stderr));
      const { sessionId } = JSON.parse(stdout.toString());
      const row = listed.get(sessionId);
      if (row === undefined)
        throw new Error(`of ${listed.size} sessions none is the one that was open`);
      const { owner, user } = row;
      return seen(`owner ${owner ?? 'not named'}; caller ${user ?? 'not known yet'}`);
    },
  },
  {
    id: 'session-log',
    title: 'the log of a session, and when it can be read',
    questions: ['U-38'],
    async run({ ecsh, target }) {
      const { session, isStreamed } = await recordedSession(ecsh, target);
      const { outcome, detail } = await logOf(ecsh, session);
      return {
        outcome,
        detail: isStreamed ? `${detail} It could be read before the end.` : detail,
      };
    },
  },
];

/**
 * @param {import('../context.js').Context['ecsh']} ecsh
 * @param {{ readonly isOver: boolean }} running
 */
async function listedUntilOver(ecsh, running) {
  /** @type {Map<string, { owner: string | null, user: string | null }>} */
  const listed = new Map();
  while (!running.isOver) {
    const { status, stdout, stderr } = await ecsh(['sessions', '--json']);
    if (status !== 0) throw new Error(reasonIn(stderr));
    for (const row of JSON.parse(stdout.toString())) listed.set(row.sessionId, row);
    await setTimeout(LOOK_EVERY_MS);
  }
  return listed;
}

/**
 * Prints a word, and looks for it in the log while the session is open.
 *
 * @param {import('../context.js').Context['ecsh']} ecsh
 * @param {string} target
 */
async function recordedSession(ecsh, target) {
  let session = '';
  const script = `echo recorded; sleep ${SESSION_SECONDS}`;
  const command = ecsh(['exec', '-v', target, '--', 'sh', '-c', script], {
    onError(text) {
      session = /^session (\S+)$/m.exec(text)?.[1] ?? session;
    },
  });
  await setTimeout(OPEN_MS);
  const { stdout } = await ecsh(['logs', '--session', session]);
  const { status, stderr } = await command;
  if (status !== 0) throw new Error(reasonIn(stderr));
  return { session, isStreamed: stdout.toString().includes('recorded') };
}

/**
 * @param {import('../context.js').Context['ecsh']} ecsh
 * @param {string} session
 */
async function logOf(ecsh, session) {
  const startedAt = performance.now();
  for (;;) {
    const { status, stdout, stderr } = await ecsh(['logs', '--session', session]);
    const waitedMs = performance.now() - startedAt;
    if (stdout.toString().includes('recorded')) {
      return seen(`after ${Math.round(waitedMs / 1_000)} s. ${stderr.split('\n')[0]}`);
    }
    const code = codeIn(stderr) ?? '';
    if (NO_LOG.has(code)) return skip(reasonIn(stderr));
    if (status !== 0 && code !== 'session-log-missing') throw new Error(reasonIn(stderr));
    if (waitedMs > LOG_LIMIT_MS) return seen(`not within a minute: ${reasonIn(stderr)}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}
