/**
 * The state of a data channel between its first frame and its end (PROTOCOL 4.1, 4.3). Whether a handshake
 * will arrive is unknown (S-2): clusters with a KMS key have one, and so do port sessions.
 */
export type ChannelState =
  /** Nothing shows yet whether a handshake will arrive. Input waits. */
  | 'attached'
  /** None arrived in time, so input flows. A late one is still answered. */
  | 'assumed-open'
  /** The agent requested encryption, and we do not have the data key. Input waits. */
  | 'awaiting-key'
  /** The handshake is answered, but not completed. Input waits. */
  | 'handshaking'
  /** Input flows. Another handshake would be an error of the agent. */
  | 'open'
  | 'closed';

export type ChannelTrigger =
  /** A handshake request that needs no key. */
  | 'handshake-request'
  | 'key-request'
  /** The data key, or the reason why there is none. */
  | 'key'
  | 'handshake-complete'
  /** Output of the program: it runs, so no handshake will arrive. */
  | 'output'
  /** The time for a handshake is over. */
  | 'grace-over'
  | 'end';

/** All transitions. A trigger that is not listed for a state has no effect. */
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

/** Holds a channel's state. */
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

  /** False if the trigger has no effect in this state. */
  apply(trigger: ChannelTrigger): boolean {
    const next = TRANSITIONS[this.#state][trigger];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
