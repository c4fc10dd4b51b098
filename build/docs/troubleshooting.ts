import type { CheckDescription } from '../../src/doctor/check-model.ts';
import { DOCTOR_CHECKS } from '../../src/doctor/checks/doctor-checks.ts';
import { PROBE_CHECK } from '../../src/doctor/checks/probe.ts';
import { TIER_A_DESCRIPTIONS } from '../../src/doctor/checks/tier-a-descriptions.ts';
import { AGENT_REASONS } from '../../src/domain/readiness/agent-reason.ts';
import { checkTask } from '../../src/domain/readiness/readiness.ts';
import { generated, table } from './page.ts';

const INTRODUCTION = `
# Troubleshooting

\`ecsh doctor prod/web\` runs the checks below, names the cause first, and prints the command or the policy that fixes it.
It changes nothing. (Sessions from AWS's console have the same requirements.) \`exec\` and \`shell\` run the first checks before each session,
and if a session fails, they run the checks that can explain it.

The most common surprise: **"TargetNotConnectedException … internal error"** is not an outage. The exec agent of the container has
no connection to Systems Manager: its task role lacks the \`ssmmessages\` actions, or it cannot reach
\`ssmmessages.REGION.amazonaws.com\` on port 443. On EC2 such an agent is RUNNING nevertheless.

Each check passes, or has the result in the column "Otherwise". \`unknown\` means that the check could not run, and names the missing
permission; it never counts as a failure. [All error codes](errors.md).
`;

const AREAS: Readonly<Record<Exclude<CheckDescription['area'], 'task'>, string>> = {
  setup: 'Task definition, instance, cluster and service',
  permissions: 'Identity and permissions',
  network: 'Network',
  destinations: 'Session key and session logs',
  sessions: 'Sessions',
  local: 'This machine',
};

/** `docs/troubleshooting.md`: every check, in the order in which they are made. */
export function troubleshootingPage(): string {
  const sections = Object.entries(AREAS).map(([area, title]) => {
    const checks = [...DOCTOR_CHECKS, PROBE_CHECK].filter((check) => check.area === area);
    return `## ${title}\n\n${checkTable(checks)}`;
  });
  const reasons = AGENT_REASONS.map(({ fragment, meaning, fix }) => [
    `\`${fragment}\``,
    meaning,
    fix,
  ]);
  return [
    generated('the checks in src/domain and src/doctor'),
    INTRODUCTION,
    `## Task and container\n\n${checkTable(tierA())}`,
    '### Why an exec agent is not running\n',
    'On EC2, ECS reports a reason; on Fargate, it often does not.\n',
    table(['Reason contains', 'Meaning', 'Remedy'], reasons),
    ...sections,
  ].join('\n');
}

type Row = Pick<CheckDescription, 'id' | 'title' | 'severity' | 'meaning' | 'remedy' | 'docs'>;

/** Every check, by name and severity: those of a task that does not exist. */
function tierA(): readonly Row[] {
  return checkTask({ task: undefined, cluster: 'prod' }).map(({ id, title, severity }) => {
    const words = TIER_A_DESCRIPTIONS[id];
    if (words === undefined) throw new Error(`${id} is not described`);
    return { id, title, severity, ...words };
  });
}

function checkTable(checks: readonly Row[]): string {
  const rows = checks.map(({ id, title, severity, meaning, remedy, docs }) => [
    `\`${id}\``,
    docs === undefined ? title : `[${title}](${docs})`,
    severity,
    meaning,
    remedy,
  ]);
  return table(['Check', 'Passes if', 'Otherwise', 'Meaning', 'Remedy'], rows);
}
