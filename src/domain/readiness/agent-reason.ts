export interface AgentReason {
  readonly meaning: string;
  readonly fix: string;
}

/** Causes of an exec agent that exits soon after its start. */
export type ExitCause = 'read-only root' | 'memory' | 'capabilities' | 'other agent';

const EXIT_CAUSES: readonly ExitCause[] = [
  'read-only root',
  'memory',
  'capabilities',
  'other agent',
];

const CAUSE_TEXTS: Readonly<Record<ExitCause, { readonly is: string; readonly remedy: string }>> = {
  'read-only root': {
    is: 'a read-only root file system',
    remedy: 'make the root file system writable (readonlyRootFilesystem: false)',
  },
  memory: { is: 'too little memory', remedy: 'raise the memory' },
  capabilities: { is: 'all capabilities dropped', remedy: 'drop fewer capabilities' },
  'other agent': {
    is: 'another SSM agent in the image',
    remedy: 'remove the SSM agent from the image',
  },
};

const EXITED = 'process exited with exit code';

const REPLACE = 'Replace the task.';
const CURRENT_AMI = 'Use a current ECS-optimized AMI, or install the exec agent on the instance.';

/** `managedAgents[].reason` as the ECS container agent writes it; first match wins. */
export const AGENT_REASONS: readonly (AgentReason & { readonly fragment: string })[] = [
  {
    fragment: 'Received Container Stopped event',
    meaning: 'The container stopped, not the agent.',
    fix: "Look at the container's exit code.",
  },
  {
    fragment: 'exited with exit code: 137',
    meaning: 'It was killed, as when the container runs out of memory.',
    fix: 'Raise the memory of the container, then replace the task.',
  },
  {
    fragment: EXITED,
    ...exitedBy(EXIT_CAUSES),
  },
  {
    fragment: 'unable to start ExecuteCommandAgent',
    meaning: 'The container engine could not start it: overloaded, or the container was gone.',
    fix: 'Check the container engine of the instance, or replace the task.',
  },
  {
    fragment: 'cannot be restarted',
    meaning: 'It died, and ECS could not start it again.',
    fix: REPLACE,
  },
  {
    fragment: 'no valid versions were found',
    meaning: 'The instance lacks the exec agent: not an ECS-optimized AMI, or a damaged one.',
    fix: CURRENT_AMI,
  },
  {
    fragment: 'could not find certs',
    meaning: "The instance lacks the exec agent's CA certificates.",
    fix: CURRENT_AMI,
  },
  {
    fragment: 'does not have a primary ENI',
    meaning: "The task's network interface was not ready.",
    fix: REPLACE,
  },
];

/** Explains an agent's reason, without the causes that are ruled out; undefined for an empty or unknown one. */
export function explainAgentReason(
  reason: string | undefined,
  ruledOut: readonly ExitCause[] = [],
): AgentReason | undefined {
  const text = (reason ?? '').toLowerCase();
  const known = AGENT_REASONS.find(({ fragment }) => text.includes(fragment.toLowerCase()));
  if (known?.fragment !== EXITED) return known;
  const left = EXIT_CAUSES.filter((cause) => !ruledOut.includes(cause));
  return { ...known, ...exitedBy(left) };
}

function exitedBy(causes: readonly ExitCause[]): AgentReason {
  const texts = causes.map((cause) => CAUSE_TEXTS[cause]);
  const word = causes.length === 1 ? 'cause' : 'causes';
  const remedies = either(texts.map(({ remedy }) => remedy));
  return {
    meaning: `It ran and exited. Possible ${word}: ${either(texts.map(({ is }) => is))}.`,
    fix: `${remedies.slice(0, 1).toUpperCase()}${remedies.slice(1)}, then replace the task.`,
  };
}

function either(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} or ${last}`;
}
