import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageType, PayloadType } from '#protocol/message.ts';
import { decodeHandshakeComplete, decodeHandshakeRequest } from '#protocol/payload.ts';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { callApi, textOf } from '#test/simulator/api/api-call.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

let simulator: Simulator;
let client: RawClient;

const fleet = defaultFleet();
const quick = {
  ...fleet,
  timings: { ...fleet.timings, outputDelayMs: 20, handshakeMs: 1_500 },
};

beforeEach(async () => {
  simulator = await startSimulator({ fleet: quick, env: process.env });
  client = new RawClient(simulator);
  await client.execute("sh -c 'read x; echo got $x'", 'secure', 'vault');
  await client.open();
});

afterEach(async () => {
  client.vanish();
  await simulator.stop();
});

function received(payloadType: number): Uint8Array | undefined {
  return client.of(MessageType.output).find((m) => m.payloadType === payloadType)?.payload;
}

async function next(payloadType: number): Promise<Buffer> {
  await client.until(() => received(payloadType) !== undefined || client.closedWith !== undefined);
  const payload = received(payloadType);
  if (payload === undefined) throw new Error(`closed with ${client.closedWith}`);
  return Buffer.from(payload);
}

interface DataKey {
  readonly plaintext: Buffer;
  readonly ciphertext: string;
}

async function dataKey(context: Record<string, string>): Promise<DataKey> {
  const request = decodeHandshakeRequest(await next(PayloadType.handshakeRequest));
  const action = request.actions.find(({ type }) => type === 'KMSEncryption');
  const { body } = await callApi(simulator, 'TrentService.GenerateDataKey', {
    KeyId: textOf(action?.parameters, 'KMSKeyId'),
    NumberOfBytes: 64,
    EncryptionContext: {
      'aws:ssm:SessionId': client.sessionId,
      'aws:ssm:RandomChallenge': textOf(action?.parameters, 'Challenge'),
      ...context,
    },
  });
  return {
    plaintext: Buffer.from(textOf(body, 'Plaintext'), 'base64'),
    ciphertext: textOf(body, 'CiphertextBlob'),
  };
}

function respond(status: number, result: object | null, error = ''): void {
  const actions = [
    { ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' },
    {
      ActionType: 'KMSEncryption',
      ActionStatus: status,
      ActionResult: result,
      Error: error,
    },
  ];
  client.send(
    JSON.stringify({
      ClientVersion: '1.2.764.0',
      ProcessedClientActions: actions,
      Errors: null,
    }),
    PayloadType.handshakeResponse,
  );
}

function encrypt(key: Buffer, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.subarray(32), nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, message: Buffer): Buffer {
  const cipher = createDecipheriv('aes-256-gcm', key.subarray(0, 32), message.subarray(0, 12));
  cipher.setAuthTag(message.subarray(-16));
  return Buffer.concat([cipher.update(message.subarray(12, -16)), cipher.final()]);
}

function target(): string {
  return [...simulator.sessions.values()][0]?.target ?? '';
}

describe('a session of a cluster with a KMS key', () => {
  it('is encrypted after a key and challenge exchange', async () => {
    const key = await dataKey({ 'aws:ssm:TargetId': target() });
    respond(1, { KMSCipherTextKey: key.ciphertext, ChallengeAcknowledgement: true });
    const request: unknown = JSON.parse(String(await next(PayloadType.encChallengeRequest)));
    const secret = decrypt(key.plaintext, Buffer.from(textOf(request, 'Challenge'), 'base64'));
    const answer = { Challenge: encrypt(key.plaintext, secret).toString('base64') };
    client.send(JSON.stringify(answer), PayloadType.encChallengeResponse);
    const complete = await next(PayloadType.handshakeComplete);
    expect(decodeHandshakeComplete(complete)).toBe('This session is encrypted using AWS KMS.');

    await client.sendSurely(encrypt(key.plaintext, Buffer.from('secret\r')), PayloadType.output);
    await client.until(() => client.closedWith !== undefined);
    const output = client
      .of(MessageType.output)
      .filter((m) => m.payloadType === PayloadType.output)
      .map((m) => decrypt(key.plaintext, Buffer.from(m.payload)).toString());
    expect(output.join('')).toBe('secret\r\ngot secret\r\n');
  });

  it('ends if the client cannot get a key', async () => {
    await next(PayloadType.handshakeRequest);
    respond(2, null, 'no permission');
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toBe(
      '\n----------ERROR-------\nEncountered error while initiating handshake. KMSEncryption failed on client with status 2 error: no permission',
    );
  });

  it('ends if the encryption context names another target', async () => {
    const key = await dataKey({ 'aws:ssm:TargetId': 'ecs:typed_by_hand' });
    respond(1, { KMSCipherTextKey: key.ciphertext, ChallengeAcknowledgement: true });
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toMatch(/Fetching data key failed: .*InvalidCiphertextException/);
  });

  it('ends if the client does not respond in time; earlier input is acknowledged and discarded', async () => {
    await next(PayloadType.handshakeRequest);
    const number = client.send('{"cols":80,"rows":24}', PayloadType.size);
    await client.until(() => client.acknowledged.includes(number));
    await client.until(() => client.closedWith !== undefined);
    expect(client.closedWith).toContain('Handshake timed out.');
  });

  it('ends after a wrong challenge with only a timeout message', async () => {
    const key = await dataKey({ 'aws:ssm:TargetId': target() });
    respond(1, { KMSCipherTextKey: key.ciphertext, ChallengeAcknowledgement: true });
    await next(PayloadType.encChallengeRequest);
    const wrong = { Challenge: encrypt(key.plaintext, randomBytes(64)).toString('base64') };
    const number = client.send(JSON.stringify(wrong), PayloadType.encChallengeResponse);
    await client.until(() => client.closedWith !== undefined);
    expect(client.acknowledged).not.toContain(number);
    expect(client.closedWith).toContain('Timed out waiting for encryption challenge.');
  });
});
