import { AWS_ERRORS } from '../../src/domain/errors/table/aws-errors.ts';
import type { ErrorEntry } from '../../src/domain/errors/table/error-entry.ts';
import { FORWARD_ERRORS } from '../../src/domain/errors/table/forward-errors.ts';
import { ROLLOUT_ERRORS } from '../../src/domain/errors/table/rollout-errors.ts';
import { SESSION_ERRORS } from '../../src/domain/errors/table/session-errors.ts';
import { TARGET_ERRORS } from '../../src/domain/errors/table/target-errors.ts';
import { USAGE_ERRORS } from '../../src/domain/errors/table/usage-errors.ts';
import { generated, table } from './page.ts';

const GROUPS: readonly (readonly [title: string, errors: Readonly<Record<string, ErrorEntry>>])[] =
  [
    ['Reaching AWS', AWS_ERRORS],
    ['Finding the target', TARGET_ERRORS],
    ['Sessions and commands', SESSION_ERRORS],
    ['Forwarding ports', FORWARD_ERRORS],
    ['Turning ECS Exec on', ROLLOUT_ERRORS],
    ['Command line, settings, this machine', USAGE_ERRORS],
  ];

const INTRODUCTION = `
# Error codes

When ecsh itself fails, its message ends with a code in brackets, and a hint may follow; in \`--json\` the failure is \`error\`. A code
never changes its meaning. \`ecsh help CODE\` prints one of these rows.

If the cause is elsewhere, for example in a role or the network, ecsh looks for it for up to four seconds and names the likely
cause; \`ecsh doctor TARGET\` checks everything. \`-v\` shows the session id, \`--debug\` the causes and the time of each call.
`;

/** docs/errors.md */
export function errorsPage(): string {
  const parts = GROUPS.map(([title, errors]) => `## ${title}\n\n${rowsOf(errors)}`);
  return [generated('src/domain/errors/table/'), INTRODUCTION.trim(), ...parts].join('\n\n');
}

function rowsOf(errors: Readonly<Record<string, ErrorEntry>>): string {
  const rows = Object.entries(errors).map(([code, { cause, remedy }]) => [
    `<a id="${code}"></a>\`${code}\``,
    cause,
    remedy,
  ]);
  return table(['Code', 'Cause', 'What to do'], rows);
}
