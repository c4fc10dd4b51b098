import { randomBytes } from 'node:crypto';
import type { Clock } from '#domain/ports/system-ports.ts';
import { PayloadType } from '#protocol/message.ts';
import { ActionStatus } from '#protocol/payload.ts';
import { sleep } from '#simulator/clock.ts';
import type { AgentChannel } from './agent-channel.ts';
import { AgentCipher } from './agent-cipher.ts';
import type { AgentTimings } from './agent-link.ts';
import {
  asObject,
  type HandshakeAction,
  readHandshakeResponse,
  readObject,
  readText,
} from './agent-payload.ts';
import type { SessionPlugin } from './session-plugin.ts';

const AGENT_VERSION = '3.3.987.0';
const CHALLENGE_LENGTH = 64;
const CONTEXT_CHALLENGE_LENGTH = 16;
const NANOSECONDS_PER_MS = 1_000_000;

/** The handshake failed; the session ends with this text (PROTOCOL 4.3, 4.9). */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
}

interface Encryption {
  readonly keyId: string;
  readonly target: string;
  /** Calls kms:Decrypt with the task role. */
  readonly decrypt: (ciphertext: string, context: Readonly<Record<string, string>>) => Buffer;
  /** Agents before 3.3.808 send no `Challenge`. */
  readonly hasChallenge: boolean;
}

export interface HandshakeOptions {
  readonly sessionId: string;
  readonly encryption: Encryption | undefined;
  readonly plugin: Pick<SessionPlugin, 'sessionType' | 'properties' | 'requiresHandshake'>;
  readonly clock: Clock;
  readonly timings: AgentTimings;
  readonly signal: AbortSignal;
}

/**
 * Opens the channel: after the whole handshake (PROTOCOL 3.5 and 6) if encryption or the plugin requires
 * one, otherwise after the short time in which the agent acknowledges and discards input.
 *
 * @returns the version that the client reports; empty without a handshake
 * @throws HandshakeError
 */
export async function performHandshake(
  channel: AgentChannel,
  options: HandshakeOptions,
): Promise<string> {
  const { encryption, plugin, clock, timings, signal } = options;
  blockOnAnswers(channel);
  if (encryption === undefined && !plugin.requiresHandshake) {
    await sleep(clock, timings.discardMs, signal);
    channel.open();
    return '';
  }
  const startedAt = clock.now();
  const cipher = new AgentCipher();
  if (encryption !== undefined) channel.cipher = cipher;
  const clientVersion = await exchangeActions(channel, cipher, options);
  if (encryption !== undefined) await challengeClient(channel, cipher, options);
  sendJson(channel, PayloadType.handshakeComplete, {
    HandshakeTimeToComplete: (clock.now() - startedAt) * NANOSECONDS_PER_MS,
    CustomerMessage: encryption === undefined ? '' : 'This session is encrypted using AWS KMS.',
  });
  channel.open();
  return clientVersion;
}

/**
 * An unsolicited response blocks the reader of the real agent forever, because it waits for a listener
 * that does not exist. Source: datachannel.go, both handlers.
 */
function blockOnAnswers(channel: AgentChannel): void {
  const block = () => new Promise<never>(() => undefined);
  channel.handle(PayloadType.handshakeResponse, block);
  channel.handle(PayloadType.encChallengeResponse, block);
}

/** Sends the handshake request and reads the response, which carries the data key of an encrypted session. */
async function exchangeActions(
  channel: AgentChannel,
  cipher: AgentCipher,
  options: HandshakeOptions,
): Promise<string> {
  const { encryption, plugin } = options;
  const contextChallenge = randomBytes(CONTEXT_CHALLENGE_LENGTH).toString('base64');
  const answered = expectAnswer(channel, PayloadType.handshakeResponse, options, (payload) => {
    const { actions, clientVersion } = readHandshakeResponse(payload);
    const failures = actions.map((action) => failureOf(action) ?? takeKey(action));
    // The agent reports only the last failure.
    return { clientVersion, failure: failures.findLast(isDefined) };
  });
  sendJson(channel, PayloadType.handshakeRequest, {
    AgentVersion: AGENT_VERSION,
    RequestedClientActions: [
      {
        ActionType: 'SessionType',
        ActionParameters: { SessionType: plugin.sessionType, Properties: plugin.properties },
      },
      ...(encryption === undefined ? [] : [keyAction(encryption, contextChallenge)]),
    ],
  });
  const { clientVersion, failure } = await answered(
    'Handshake timed out. Please ensure that you have the latest version of the session manager plugin.',
  );
  if (failure !== undefined) throw new HandshakeError(failure);
  return clientVersion;

  function takeKey({ type, result }: HandshakeAction): string | undefined {
    if (type !== 'KMSEncryption' || encryption === undefined) return undefined;
    const fields = asObject(result);
    try {
      cipher.setKey(decryptDataKey(fields, encryption, options.sessionId, contextChallenge));
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return `Fetching data key failed: Unable to retrieve data key, Error when decrypting data key ${reason}`;
    }
  }
}

function failureOf({ type, status, error }: HandshakeAction): string | undefined {
  if (status === ActionStatus.success) return undefined;
  return `${type} failed on client with status ${status} error: ${error}`;
}

function decryptDataKey(
  fields: Record<string, unknown>,
  { target, decrypt }: Encryption,
  sessionId: string,
  challenge: string,
): Buffer {
  const isAcknowledged = fields.ChallengeAcknowledgement === true;
  return decrypt(readText(fields, 'KMSCipherTextKey'), {
    'aws:ssm:SessionId': sessionId,
    'aws:ssm:TargetId': target,
    ...(isAcknowledged ? { 'aws:ssm:RandomChallenge': challenge } : {}),
  });
}

function keyAction({ keyId, hasChallenge }: Encryption, challenge: string): object {
  const kms = hasChallenge ? { KMSKeyId: keyId, Challenge: challenge } : { KMSKeyId: keyId };
  return { ActionType: 'KMSEncryption', ActionParameters: kms };
}

async function challengeClient(
  channel: AgentChannel,
  cipher: AgentCipher,
  options: HandshakeOptions,
): Promise<void> {
  const secret = randomBytes(CHALLENGE_LENGTH);
  const answered = expectAnswer(channel, PayloadType.encChallengeResponse, options, (payload) => {
    const answer = Buffer.from(readText(readObject(payload), 'Challenge'), 'base64');
    // A wrong response is neither acknowledged nor reported: the wait below times out (4.3 item 4).
    if (!cipher.decrypt(answer).equals(secret)) throw new Error('challenge does not match');
    return undefined;
  });
  sendJson(channel, PayloadType.encChallengeRequest, {
    Challenge: cipher.encrypt(secret).toString('base64'),
  });
  await answered('Timed out waiting for encryption challenge.');
}

/**
 * Installs `read` for one type of response. The returned function waits for the response, and throws a
 * HandshakeError on timeout. The time limit starts now, not when a client attaches (4.3 item 3).
 */
function expectAnswer<T>(
  channel: AgentChannel,
  payloadType: number,
  { clock, timings, signal }: HandshakeOptions,
  read: (payload: Buffer) => T,
): (timeoutText: string) => Promise<T> {
  const answer = new Promise<{ readonly value: T }>((resolve) => {
    channel.handle(payloadType, async (frame) => {
      const value = read(frame.payload);
      resolve({ value });
      blockOnAnswers(channel);
      return 'processed';
    });
  });
  const timeout = sleep(clock, timings.handshakeMs, signal);
  return async (timeoutText) => {
    const result = await Promise.race([answer, timeout]);
    if (result === undefined) throw new HandshakeError(timeoutText);
    return result.value;
  };
}

function sendJson(channel: AgentChannel, payloadType: number, body: object): void {
  channel.send(payloadType, Buffer.from(JSON.stringify(body)));
}

function isDefined(value: string | undefined): value is string {
  return value !== undefined;
}
