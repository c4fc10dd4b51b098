/**
 * Where a data channel is between its first frame and its end (PROTOCOL 4.1, 4.3). Whether a handshake
 * comes cannot be known beforehand (S-2): a cluster with a KMS key has one, and so do sessions to ports.
 */
export type ChannelState =
  /** Nothing shows yet whether a handshake comes. Input waits. */
  | 'attached'
  /** None came in time, so input flows. One that comes after all is answered. */
  | 'assumed-open'
  /** The agent asked for encryption, and we do not have the data key. Input waits. */
  | 'awaiting-key'
  /** The handshake is answered, and not completed. Input waits. */
  | 'handshaking'
  /** Input flows. Another handshake would be an error of the agent's. */
  | 'open'
  | 'closed';

export type ChannelTrigger =
  /** A handshake request that needs no key. */
  | 'handshake-request'
  | 'key-request'
  /** The data key, or why there is none. */
  | 'key'
  | 'handshake-complete'
  /** Output of the program: it runs, so no handshake comes. */
  | 'output'
  /** The time in which a handshake would come is over. */
  | 'grace-over'
  | 'end';

/** All transitions. A trigger that is not listed for a state changes nothing. */
const TRANSITIONS: Readonly<
  Record<ChannelState, Partial<Readonly<Record<ChannelTrigger, ChannelState>>>>
> = {
  attached: {
    'handshake-request': 'handshaking',
    'key-request': 'awaiting-key',
    'handshake-complete': 'open',
    output: 'open',
    'grace-over': 'assumed-open',
    end: 'closed',
  },
  'assumed-open': {
    'handshake-request': 'handshaking',
    'key-request': 'awaiting-key',
    output: 'open',
    end: 'closed',
  },
  'awaiting-key': { key: 'handshaking', end: 'closed' },
  handshaking: { 'handshake-complete': 'open', end: 'closed' },
  open: { end: 'closed' },
  closed: {},
};

/** The one holder of a channel's state. */
export class ChannelLifecycle {
  #state: ChannelState = 'attached';

  get state(): ChannelState {
    return this.#state;
  }

  /** Input may be sent. */
  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'assumed-open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  allows(trigger: ChannelTrigger): boolean {
    return TRANSITIONS[this.#state][trigger] !== undefined;
  }

  /** False when the trigger means nothing in this state. */
  apply(trigger: ChannelTrigger): boolean {
    const next = TRANSITIONS[this.#state][trigger];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
