import { EcshError } from '#domain/errors/errors.ts';

/** Faults to inject. Rates are probabilities per frame, in both directions. */
export interface Faults {
  /** Frames lost. */
  readonly drop: number;
  /** Frames delivered twice. */
  readonly dup: number;
  /** Frames that are delayed by `reorderMs`, so that later ones overtake them. */
  readonly reorder: number;
  readonly reorderMs: number;
  /** Frames of the agent whose payload no longer matches its digest. */
  readonly corrupt: number;
  /** One-way delay of every frame. */
  readonly delayMs: number;
  /** Bandwidth of each direction of a session; 0 means no limit. */
  readonly bytesPerSecond: number;
  /** Start of the pseudo-random sequence behind the rates. */
  readonly seed: number;
  /** Disconnect the client this long after each open; 0 means never. */
  readonly cutEveryMs: number;
  /**
   * Probability that the agent disconnects just before it acknowledges an input message that it has already written
   * to the pty: a resend of that message is written again (PROTOCOL S-8a).
   */
  readonly agentCut: number;
  /** How long the agent takes to reconnect. */
  readonly agentAwayMs: number;
  /** Reject upgrades with HTTP 403. */
  readonly refuseUpgrade: boolean;
  /** Require a signed upgrade (PROTOCOL W-1): unsigned ones are rejected with HTTP 403. */
  readonly requireSignature: boolean;
  /** Treat every token as expired. */
  readonly expireTokens: boolean;
  /** Idle timeout of sessions without input or output. */
  readonly idleTimeoutMs: number;
  /** Send the client a frame of an unknown type before each start_publication. */
  readonly unknownTypes: boolean;
  /** kms:GenerateDataKey fails with the error of this name; empty for none. */
  readonly kmsError: string;
  /** How long kms:GenerateDataKey takes. */
  readonly kmsDelayMs: number;
  /** The agent computes a different target from the client's, as after a restart of the container. */
  readonly otherTarget: boolean;
  /** The agent asks for this KMS key instead of the cluster's; empty for the right one. */
  readonly otherKey: string;
  /** The agent does not know about the cluster's KMS key. */
  readonly plainAgent: boolean;
  /** Keep what the client sends, for `/_simulator/frames`. */
  readonly keepFrames: boolean;
}

export const NO_FAULTS: Faults = {
  drop: 0,
  dup: 0,
  reorder: 0,
  reorderMs: 30,
  corrupt: 0,
  delayMs: 0,
  bytesPerSecond: 0,
  seed: 1,
  cutEveryMs: 0,
  agentCut: 0,
  agentAwayMs: 300,
  refuseUpgrade: false,
  requireSignature: false,
  expireTokens: false,
  // Fixed for ECS Exec (PROTOCOL 4.10).
  idleTimeoutMs: 20 * 60_000,
  unknownTypes: false,
  kmsError: '',
  kmsDelayMs: 0,
  otherTarget: false,
  otherKey: '',
  plainAgent: false,
  keepFrames: false,
};

/**
 * Parses faults from a fleet file or a control request, with defaults for the others.
 *
 * @throws EcshError `fleet-invalid`
 */
export function parseFaults(value: unknown): Faults {
  if (value === undefined) return NO_FAULTS;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw faultError('faults must be an object.');
  }
  const faults = { ...NO_FAULTS };
  for (const [name, setting] of Object.entries(value)) {
    if (!(name in NO_FAULTS)) {
      const known = Object.keys(NO_FAULTS).join(', ');
      throw faultError(`faults: there is no fault "${name}".`, `Known faults: ${known}.`);
    }
    const usual: unknown = Reflect.get(NO_FAULTS, name);
    if (typeof setting !== typeof usual || (typeof setting === 'number' && !(setting >= 0))) {
      throw faultError(`faults.${name} must be a ${typeof usual}, 0 or more.`);
    }
    Reflect.set(faults, name, setting);
  }
  return faults;
}

function faultError(message: string, hint?: string): EcshError {
  return new EcshError('fleet-invalid', message, {
    exitCode: 2,
    ...(hint === undefined ? {} : { hint }),
  });
}
