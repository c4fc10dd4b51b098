import { describe, expect, it } from 'vitest';
import {
  ChannelLifecycle,
  type ChannelState,
  type ChannelTrigger,
} from '#protocol/channel-state.ts';

/** The events that lead to each state from a new channel. */
const PATHS: Readonly<Record<ChannelState, readonly ChannelTrigger[]>> = {
  attached: [],
  'assumed-open': ['grace-over'],
  'awaiting-key': ['key-request'],
  handshaking: ['handshake-request'],
  open: ['output'],
  closed: ['end'],
};

const TABLE: readonly (readonly [ChannelState, ChannelTrigger, ChannelState | 'nothing'])[] = [
  ['attached', 'handshake-request', 'handshaking'],
  ['attached', 'key-request', 'awaiting-key'],
  ['attached', 'key', 'nothing'],
  ['attached', 'handshake-complete', 'open'],
  ['attached', 'output', 'open'],
  ['attached', 'grace-over', 'assumed-open'],
  ['assumed-open', 'handshake-request', 'handshaking'],
  ['assumed-open', 'key-request', 'awaiting-key'],
  ['assumed-open', 'handshake-complete', 'nothing'],
  ['assumed-open', 'output', 'open'],
  ['assumed-open', 'grace-over', 'nothing'],
  ['awaiting-key', 'handshake-request', 'nothing'],
  ['awaiting-key', 'key', 'handshaking'],
  ['awaiting-key', 'handshake-complete', 'nothing'],
  ['awaiting-key', 'output', 'nothing'],
  ['handshaking', 'handshake-request', 'nothing'],
  ['handshaking', 'key', 'nothing'],
  ['handshaking', 'handshake-complete', 'open'],
  ['handshaking', 'output', 'nothing'],
  ['open', 'handshake-request', 'nothing'],
  ['open', 'key-request', 'nothing'],
  ['open', 'handshake-complete', 'nothing'],
  ['open', 'grace-over', 'nothing'],
  ['closed', 'handshake-request', 'nothing'],
  ['closed', 'key', 'nothing'],
  ['closed', 'output', 'nothing'],
  ['closed', 'end', 'nothing'],
];

function at(state: ChannelState): ChannelLifecycle {
  const lifecycle = new ChannelLifecycle();
  for (const trigger of PATHS[state]) lifecycle.apply(trigger);
  expect(lifecycle.state).toBe(state);
  return lifecycle;
}

describe('the state of a data channel', () => {
  it.each(TABLE)('changes from %s, on %s, to %s', (state, trigger, next) => {
    const lifecycle = at(state);
    const isTransition = next !== 'nothing';
    expect(lifecycle.allows(trigger)).toBe(isTransition);
    expect(lifecycle.apply(trigger)).toBe(isTransition);
    expect(lifecycle.state).toBe(isTransition ? next : state);
  });

  it.each([
    ['attached', false, false],
    ['assumed-open', true, false],
    ['awaiting-key', false, false],
    ['handshaking', false, false],
    ['open', true, false],
    ['closed', false, true],
  ] as const)('%s: accepts input %s, is closed %s', (state, isOpen, isClosed) => {
    expect(at(state)).toMatchObject({ isOpen, isClosed });
  });
});
