/*
 * The inputs of action.yml, as the runner passes them: variables named INPUT_…
 */

const TRUE = new Set(['true', 'True', 'TRUE']);
const FALSE = new Set(['', 'false', 'False', 'FALSE']);

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const TIME = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/**
 * @throws Error that names the input that is missing or wrong
 */
export function readInputs(env) {
  const { INPUT_TARGET: target = '', INPUT_RUN: script = '' } = env;
  const command = linesOf(env.INPUT_COMMAND);
  if (target === '') throw new Error('Give a target: [CLUSTER/]SERVICE, a task id, or an ARN.');
  if ((script === '') === (command.length === 0)) throw new Error('Give either run or command.');
  return {
    target,
    argv: script === '' ? command : ['sh', '-e', '-c', script],
    env: variablesIn(env.INPUT_ENV),
    cluster: env.INPUT_CLUSTER || undefined,
    region: env.INPUT_REGION || undefined,
    timeoutMs: milliseconds('timeout', env.INPUT_TIMEOUT),
    waitMs: milliseconds('wait', env.INPUT_WAIT),
    all: isTrue('all', env.INPUT_ALL),
  };
}

function linesOf(text = '') {
  return text.split('\n').filter((line) => line !== '');
}

function variablesIn(text) {
  return Object.fromEntries(
    linesOf(text).map((line, at) => {
      const end = line.indexOf('=');
      // The line itself may be a secret.
      if (end < 1) throw new Error(`env: line ${at + 1} is not NAME=VALUE.`);
      return [line.slice(0, end), line.slice(end + 1)];
    }),
  );
}

/** `30s`, `5m`, … as everywhere in ecsh; undefined for nothing. */
function milliseconds(name, text = '') {
  if (text === '') return undefined;
  const [, number, unit] = TIME.exec(text) ?? [];
  if (unit === undefined) throw new Error(`${name}: "${text}" is no time such as 30s or 5m.`);
  return Number(number) * UNITS[unit];
}

function isTrue(name, text = '') {
  if (!TRUE.has(text) && !FALSE.has(text)) {
    throw new Error(`${name}: "${text}" is neither true nor false.`);
  }
  return TRUE.has(text);
}
