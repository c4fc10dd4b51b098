export interface AgentReason {
  readonly meaning: string;
  readonly fix: string;
}

const REPLACE = 'Replace the task.';
const CURRENT_AMI = 'Use a current ECS-optimized AMI, or install the exec agent on the instance.';

/** `managedAgents[].reason` as the ECS container agent writes it (READINESS 1.3); first match wins. */
export const AGENT_REASONS: readonly (AgentReason & { readonly fragment: string })[] = [
  {
    fragment: 'Received Container Stopped event',
    meaning: 'The container stopped, not the agent.',
    fix: "Look at the container's exit code.",
  },
  {
    fragment: 'process exited with exit code',
    meaning:
      'It ran and died: a read-only root file system, too little memory, all capabilities dropped, or another SSM agent in the image.',
    fix: 'Make the root file system writable (readonlyRootFilesystem: false) or raise the memory, then replace the task.',
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

/** What an agent's reason means; undefined for an empty or unknown one. */
export function explainAgentReason(reason: string | undefined): AgentReason | undefined {
  const text = (reason ?? '').toLowerCase();
  return AGENT_REASONS.find(({ fragment }) => text.includes(fragment.toLowerCase()));
}
