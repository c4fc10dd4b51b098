import type { Task } from '#domain/resolve/task.ts';

/** Why a fresh task ended before its agent was ready, and what to do. */
export interface StopExplanation {
  readonly message: string;
  readonly hint: string;
}

const RULES: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  {
    pattern: /CannotPullContainer|pull image|manifest unknown|not found: manifest/i,
    hint: 'Check the image name, and that the execution role and the network reach the registry.',
  },
  {
    pattern: /ResourceInitializationError|unable to pull secrets|secret/i,
    hint: 'Check the secrets of the task definition, and that the execution role and the network reach them.',
  },
  {
    pattern: /executable file not found|no such file or directory|CannotStartContainer/i,
    hint: 'The image may have no sh. Give the container the command itself:  ecsh run --detach',
  },
  { pattern: /OutOfMemory|OOM/i, hint: 'Give it more memory with --memory.' },
  {
    pattern: /capacity/i,
    hint: 'AWS is out of capacity there: try again later, or another subnet with --subnet.',
  },
  { pattern: /health/i, hint: 'A container failed its health check: see  ecsh logs' },
];

/** The container that had to wait for the command has ended by itself. */
const ENTRYPOINT_HINT =
  'The ENTRYPOINT of the image may not run the arguments that it gets. Give it the command itself:  ecsh run --detach';

/** Judges by the reasons that ECS gives for the task and for the container that holds the command. */
export function whyStopped(task: Task, containerName: string): StopExplanation {
  const container = task.containers.find(({ name }) => name === containerName);
  const words = [task.stoppedReason, container?.reason].filter((text) => text !== undefined);
  const exit =
    container?.exitCode === undefined
      ? ''
      : ` Container ${containerName} ended with status ${container.exitCode}.`;
  const said = words.length === 0 ? 'ECS gives no reason' : words.join(' ');
  const hint = RULES.find(({ pattern }) => pattern.test(words.join(' ')))?.hint ?? ENTRYPOINT_HINT;
  return {
    message: `The task stopped before the command could run. ${said.replace(/\.$/, '')}.${exit}`,
    hint,
  };
}
