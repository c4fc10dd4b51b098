import type { EcshError } from '#domain/errors/errors.ts';
import type { EndSignal } from '#domain/ports/system-ports.ts';
import type { SharedResult } from './shared-options.ts';

/** A container, as a command line names it. */
export interface RelayPlace {
  /** TARGET. */
  readonly target: string;
  readonly cluster?: string | undefined;
  readonly container?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** The first frame of a client. */
export interface RelayRequest {
  /** Shows that the client was started by this `ecsh connect`. */
  readonly token: string;
  readonly place: RelayPlace;
  /**
   * The client's variables, if it did not parse its flags and settings. `place` then has TARGET alone. The server uses
   * its own settings if its variables are the same, and refuses otherwise.
   */
  readonly surroundings?: string | undefined;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly user?: string | undefined;
  readonly hasStdin: boolean;
  readonly isBulk?: boolean | undefined;
  readonly mergesStderr: boolean;
  /** Milliseconds. */
  readonly killAfterMs: number;
}

/** Where an accepted command runs. */
export interface RelayTarget {
  readonly cluster: string;
  /** ARN. */
  readonly task: string;
  readonly container: string;
}

/**
 * Reads the first frame of a client. Another program that has the token could send anything, and its mistake must not end
 * the session of the others.
 *
 * @returns undefined for what is no request
 */
export function readRequest(value: unknown): RelayRequest | undefined {
  return isRequest(value) ? value : undefined;
}

function isRequest(value: unknown): value is RelayRequest {
  if (!isObject(value)) return false;
  const { token, place, argv, env, killAfterMs, cwd, user, surroundings } = value;
  return (
    [token, isObject(place) ? place.target : undefined].every(isText) &&
    [cwd, user, surroundings].every(isTextOrMissing) &&
    Array.isArray(argv) &&
    argv.length > 0 &&
    argv.every(isText) &&
    isObject(env) &&
    Object.values(env).every(isText) &&
    typeof killAfterMs === 'number' &&
    killAfterMs >= 0
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrMissing(value: unknown): boolean {
  return value === undefined || isText(value);
}

export interface RelayStop {
  readonly signal: EndSignal;
  readonly exitCode: number;
}

/** A `SharedResult` as JSON. */
export interface RelayResult extends Omit<SharedResult, 'failure'> {
  readonly failure?: {
    readonly code: EcshError['code'];
    readonly message: string;
    readonly hint?: string | undefined;
    readonly exitCode: number;
  };
}

/** Bytes of stdin that a client may send ahead. */
export const STDIN_CREDIT = 256 * 1024;
