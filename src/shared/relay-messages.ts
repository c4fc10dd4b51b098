import type { EcshError } from '#domain/errors/errors.ts';
import { END_SIGNALS, type EndSignal } from '#domain/ports/system-ports.ts';
import type { SharedResult } from './shared-options.ts';

/** A container, as a command line names it. */
export interface RelayPlace {
  /** The TARGET argument. */
  readonly target: string;
  readonly cluster?: string | undefined;
  readonly container?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
}

/** The second frame of a client. */
export interface RelayRequest {
  readonly place: RelayPlace;
  /**
   * The client's variables, if it did not parse its flags and settings. `place` then contains only TARGET. The server uses
   * its own settings if its variables are equal, and otherwise refuses.
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
  /** The ARN of the task. */
  readonly task: string;
  readonly container: string;
}

/**
 * Parses the request of a client. Another program that has the token could send anything, and its mistake must not end
 * the session of the others.
 *
 * @throws TypeError for an invalid request
 */
export function readRequest(json: Buffer): RelayRequest {
  const value: unknown = countValues(json) > MAX_VALUES ? undefined : JSON.parse(`${json}`);
  if (!isRequest(value)) throw new TypeError('not a request');
  return value;
}

/** Each value takes far more memory than its text. Real command lines have fewer: ecsh sends up to 128 KiB. */
const MAX_VALUES = 100_000;

/** @returns the approximate number of values in a JSON text */
function countValues(json: Buffer): number {
  let count = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) isInText = !isInText;
    else if (isInText && byte === BACKSLASH) at += 1;
    else if (!isInText && BEGINS_VALUE.has(byte)) count += 1;
  }
  return count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BEGINS_VALUE: ReadonlySet<number | undefined> = new Set(Buffer.from('[{,:'));

function isRequest(value: unknown): value is RelayRequest {
  if (!isObject(value)) return false;
  const { place, argv, env, killAfterMs, cwd, user, surroundings } = value;
  return (
    isObject(place) &&
    isText(place.target) &&
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

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_STATUS;
}

const MAX_STATUS = 255;

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

/** @throws TypeError for an invalid stop */
export function readStop(value: unknown): RelayStop {
  if (!isStop(value)) throw new TypeError('not a stop');
  return { signal: value.signal, exitCode: value.exitCode };
}

function isStop(value: unknown): value is RelayStop {
  return (
    isObject(value) &&
    END_SIGNALS.some((signal) => signal === value.signal) &&
    isStatus(value.exitCode)
  );
}

/** @throws TypeError for an invalid target */
export function readTarget(value: unknown): RelayTarget {
  if (!isTarget(value)) throw new TypeError('not a target');
  return value;
}

function isTarget(value: unknown): value is RelayTarget {
  return isObject(value) && [value.cluster, value.task, value.container].every(isText);
}

/** @throws TypeError for an invalid result */
export function readResult(value: unknown): RelayResult {
  if (!isResult(value)) throw new TypeError('not a result');
  return value;
}

function isResult(value: unknown): value is RelayResult {
  if (!isObject(value)) return false;
  const { status, exitCode, wasStopped, sessionId, failure } = value;
  return (
    (status === undefined || isStatus(status)) &&
    isStatus(exitCode) &&
    typeof wasStopped === 'boolean' &&
    isTextOrMissing(sessionId) &&
    (failure === undefined || isFailure(failure))
  );
}

function isFailure(value: unknown): boolean {
  return (
    isObject(value) &&
    [value.code, value.message].every(isText) &&
    isTextOrMissing(value.hint) &&
    isStatus(value.exitCode)
  );
}
