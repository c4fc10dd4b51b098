import { readFileSync, writeFileSync } from 'node:fs';
import { platform, release } from 'node:os';

/** @typedef {{ target: string, facts: Readonly<Record<string, string>>, results: readonly import('./check.js').Result[] }} Run */

/**
 * @param {string} name
 * @param {Run} run
 * @returns {readonly string[]} the files
 */
export function writeReport(name, run) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const whole = {
    ecsh: version,
    node: process.version,
    system: `${platform()} ${release()}`,
    date: new Date().toISOString().slice(0, 10),
    ...run,
  };
  const files = [`${name}.md`, `${name}.json`];
  const texts = [markdown(whole), `${JSON.stringify(whole, null, 2)}\n`];
  files.forEach((file, at) => {
    writeFileSync(file, mask(texts[at] ?? ''));
  });
  return files;
}

/** @typedef {[RegExp, string]} Masked */

/** Names of people in ARNs: users, and sessions of a role, which single sign-on names by mail address. Roles of services have none. */
/** @type {readonly Masked[]} */
const PEOPLE = [
  [/(:iam::[^:\s]*:user\/)[\w+=,.@/-]*[\w=@-]/g, '$1****'],
  [/(:assumed-role\/(?!AWSServiceRole)[\w+=,.@-]+\/)[\w+=,.@-]*[\w=@-]/g, '$1****'],
  [/(:federated-user\/)[\w+=,.@-]*[\w=@-]/g, '$1****'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, '****'],
];

/**
 * Hides account ids, what credentials look like, and names of people, wherever they stand.
 *
 * @param {string} text
 */
export function mask(text) {
  return PEOPLE.reduce((masked, [pattern, hidden]) => masked.replaceAll(pattern, hidden), text)
    .replaceAll(/(?<![0-9a-f])\d{12}(?![0-9a-f])/g, '************')
    .replaceAll(/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, '****');
}

/** @param {Run & { ecsh: string, node: string, system: string, date: string }} run */
function markdown({ ecsh, node, system, date, target, facts, results }) {
  const count = (/** @type {string} */ wanted) =>
    results.filter(({ outcome }) => outcome === wanted).length;
  const rows = results.map(
    ({ id, title, outcome, detail, questions, seconds }) =>
      `| ${id} | ${title} | ${outcome} | ${cell(detail)} | ${questions.join(', ')} | ${seconds} |`,
  );
  return [
    '# ecsh acceptance report',
    '',
    `ecsh ${ecsh}, Node.js ${node}, ${system}, ${date}. Target \`${target}\`.`,
    '',
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    '',
    `${count('pass')} passed, ${count('fail')} failed, ${count('seen')} seen, ${count('skip')} skipped.`,
    '',
    '| check | what | outcome | detail | settles | s |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'The numbers under "settles" are those of docs/unverified.md.',
    '',
  ].join('\n');
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
