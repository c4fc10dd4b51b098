import { describe, expect, it } from 'vitest';
import { explainAgentReason } from '#domain/readiness/agent-reason.ts';

describe('explainAgentReason', () => {
  it.each([
    ['Received Container Stopped event', 'The container stopped, not the agent.'],
    ['ExecuteCommandAgent process exited with exit code: 137', 'It ran and died: '],
    ['unable to start ExecuteCommandAgent [create]: timeout', 'The container engine could not '],
    ['ExecuteCommandAgent cannot be restarted', 'It died, and ECS could not start it again.'],
    [
      'ExecuteCommandAgent Initialization failed: no valid versions were found in /x',
      'The instance lacks the exec agent: ',
    ],
    [
      'ExecuteCommandAgent Initialization failed: could not find certs',
      "The instance lacks the exec agent's CA",
    ],
    ['awsvpc mode task does not have a primary ENI', "The task's network interface"],
  ])('knows "%s"', (reason, meaning) => {
    expect(explainAgentReason(reason)?.meaning.startsWith(meaning)).toBe(true);
  });

  it.each([undefined, '', 'ExecuteCommandAgent started', 'something new'])(
    'has nothing to say about %s',
    (reason) => {
      expect(explainAgentReason(reason)).toBeUndefined();
    },
  );
});
