import { describe, expect, it } from 'vitest';
import { explainAgentReason } from '#domain/readiness/agent-reason.ts';

describe('explainAgentReason', () => {
  it.each([
    ['Received Container Stopped event', 'The container stopped, not the agent.'],
    ['ExecuteCommandAgent process exited with exit code: 137', 'It was killed, '],
    [
      'ExecuteCommandAgent process exited with exit code: 1',
      'It ran and exited. Possible causes: ',
    ],
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

  it('omits causes that are ruled out', () => {
    const reason = 'ExecuteCommandAgent process exited with exit code: 1';
    expect(explainAgentReason(reason, ['read-only root', 'capabilities'])).toMatchObject({
      meaning:
        'It ran and exited. Possible causes: too little memory or another SSM agent in the image.',
      fix: 'Raise the memory or remove the SSM agent from the image, then replace the task.',
    });
    expect(explainAgentReason(reason, ['read-only root', 'capabilities', 'memory'])?.meaning).toBe(
      'It ran and exited. Possible cause: another SSM agent in the image.',
    );
  });

  it.each([undefined, '', 'ExecuteCommandAgent started', 'something new'])(
    'has no explanation for %s',
    (reason) => {
      expect(explainAgentReason(reason)).toBeUndefined();
    },
  );
});
