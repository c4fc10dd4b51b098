import { describe, expect, it } from 'vitest';
import { createHandshakeReply } from '../../src/protocol/handshake.ts';
import type { RequestedAction } from '../../src/protocol/payload.ts';

const ok = { ActionStatus: 1, ActionResult: null, Error: '' };
const unknown = { ActionStatus: 3, ActionResult: null };

describe('the answer to a handshake request', () => {
  it.each(['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands'])(
    'takes part in a %s session (S-4)',
    (sessionType) => {
      expect(reply([shell(sessionType)])).toEqual({
        actions: [{ ActionType: 'SessionType', ...ok }],
        refusal: undefined,
      });
    },
  );

  it.each([
    ['Port', 'ecsh cannot take part in a Port session'],
    ['interactivecommands', 'ecsh cannot take part in a interactivecommands session'],
    [undefined, 'ecsh cannot take part in a undefined session'],
  ])('answers the session type %s with status 2 (S-4)', (sessionType, error) => {
    expect(reply([shell(sessionType)])).toEqual({
      actions: [{ ActionType: 'SessionType', ActionStatus: 2, ActionResult: null, Error: error }],
      refusal: error,
    });
  });

  it('answers an unknown action with status 3 and a text (M-7)', () => {
    const error = 'ecsh does not know the action Dance';
    expect(reply([{ type: 'Dance', parameters: {} }])).toEqual({
      actions: [{ ActionType: 'Dance', ActionStatus: 3, ActionResult: null, Error: error }],
      refusal: error,
    });
  });

  it('answers every action, in order, and names the first refusal (M-7)', () => {
    const actions = [
      { type: 'A', parameters: {} },
      shell('InteractiveCommands'),
      { type: 'B', parameters: {} },
    ];
    expect(reply(actions)).toEqual({
      actions: [
        { ...unknown, ActionType: 'A', Error: 'ecsh does not know the action A' },
        { ...ok, ActionType: 'SessionType' },
        { ...unknown, ActionType: 'B', Error: 'ecsh does not know the action B' },
      ],
      refusal: 'ecsh does not know the action A',
    });
  });

  it('answers a request for nothing with nothing', () => {
    expect(reply([])).toEqual({ actions: [], refusal: undefined });
  });

  it('says which client answers', () => {
    const { payload } = createHandshakeReply({ agentVersion: '3', actions: [] }, '1.2.764.0');
    expect(new TextDecoder().decode(payload)).toBe(
      '{"ClientVersion":"1.2.764.0","ProcessedClientActions":[],"Errors":null}',
    );
  });
});

function shell(sessionType: string | undefined): RequestedAction {
  return { type: 'SessionType', parameters: { SessionType: sessionType, Properties: null } };
}

function reply(actions: readonly RequestedAction[]) {
  const { payload, refusal } = createHandshakeReply(
    { agentVersion: '3.3.0.0', actions },
    '1.2.764.0',
  );
  const response: Record<string, unknown> = JSON.parse(new TextDecoder().decode(payload));
  return { actions: response.ProcessedClientActions, refusal };
}
