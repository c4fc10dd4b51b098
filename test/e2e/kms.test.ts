import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeMessage } from '#protocol/message-codec.ts';
import { Lab, QUICK } from '#test/helpers/e2e.ts';

const KEY_ID = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555';
/** Replaces the agent's 15 s. */
const HANDSHAKE_MS = 1_500;
const SECRET = 'the words that nobody may see';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({
    timings: { ...QUICK, handshakeMs: HANDSHAKE_MS },
    sessionLimit: { perContainer: 100 },
    clusters: [
      {
        name: 'secure',
        kmsKeyId: KEY_ID,
        services: [{ name: 'app', containers: [{ name: 'app', env: { PS1: '$> ' } }] }],
      },
    ],
  });
});

afterAll(() => lab.stop());

beforeEach(() => lab.control('faults'));

/** Runs a command that receives and prints a secret, which must not be readable on the wire. */
function tellSecret(more: readonly string[] = []) {
  return lab.run(['exec', '-q', '-i', ...more, 'secure/app', '--', 'sh', '-c', 'cat; exit 7'], {
    input: SECRET,
  });
}

/** Payloads of type 1 that the client sent in the newest session. */
async function inputs(): Promise<readonly Buffer[]> {
  const frames = await lab.control('frames');
  if (!Array.isArray(frames)) throw new Error('no frames were kept');
  return frames
    .map((frame) => decodeMessage(Buffer.from(String(frame), 'base64')))
    .filter(({ messageType, payloadType }) => {
      return messageType === 'input_stream_data' && payloadType === 1;
    })
    .map(({ payload }) => Buffer.from(payload));
}

describe('a cluster with a KMS key', () => {
  it('runs commands normally, and sends their input encrypted', async () => {
    await lab.control('faults', { keepFrames: true });
    expect(await tellSecret()).toEqual({ status: 7, stdout: SECRET, stderr: '' });
    const payloads = await inputs();
    expect(payloads.length).toBeGreaterThan(0);
    for (const payload of payloads) {
      expect(isNoise(payload)).toBe(true);
    }
    expect(Buffer.concat([...payloads]).includes(SECRET)).toBe(false);
    expect(Buffer.concat([...payloads]).includes(Buffer.from(SECRET).toString('base64'))).toBe(
      false,
    );
  });

  it('opens shells normally', async () => {
    const screen = await lab.openTerminal(['shell', 'secure/app']);
    await screen.until(/[$#>] ?$/);
    screen.type('stty size; exit 4\r');
    await screen.until(/^24 80$/m);
    await screen.until(/^status=4 settings=kept$/m);
  });

  it('resumes sessions after disconnects', async () => {
    await lab.control('faults', { cutEveryMs: 250 });
    const script = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done; exit 3';
    const seen = await lab.run(['exec', '-q', 'secure/app', '--', 'sh', '-c', script]);
    expect(seen).toEqual({ status: 3, stdout: '1\n2\n3\n4\n5\n6\n', stderr: '' });
  });
});

describe('no session starts, and nothing is sent unencrypted, if', () => {
  const denied =
    'arn:aws:iam::123456789012:user/simulator may not kms:GenerateDataKey on ' +
    `${KEY_ID}: no identity-based policy allows it.`;

  it.each([
    [
      'the caller lacks permission to create a data key',
      { kmsError: 'AccessDeniedException' },
      'data-key-refused',
      denied,
      'Allow kms:GenerateDataKey',
    ],
    [
      'the key is disabled',
      { kmsError: 'DisabledException' },
      'data-key-refused',
      'The key is disabled',
      'Enable it:  aws kms enable-key',
    ],
    [
      'the key is scheduled for deletion',
      { kmsError: 'KMSInvalidStateException' },
      'data-key-refused',
      'is pending deletion',
      'Keep it:  aws kms cancel-key-deletion',
    ],
    [
      'the key does not exist',
      { kmsError: 'NotFoundException' },
      'data-key-refused',
      'The key does not exist',
      'Give the cluster a key',
    ],
    [
      'the agent belongs to a different target',
      { otherTarget: true },
      'encryption-context',
      'it was made for another target',
      'The container was probably restarted',
    ],
    [
      'KMS answers too late',
      { kmsDelayMs: HANDSHAKE_MS + 1_500 },
      'handshake-timeout',
      'The agent waited in vain for a data key',
      'KMS or your credentials',
    ],
    [
      "the agent asks for a different key from the cluster's",
      { otherKey: 'arn:aws:kms:eu-west-3:999999999999:key/22222222-2222-4333-8444-555555555555' },
      'session-not-encrypted',
      `the agent asked for arn:aws:kms:eu-west-3:999999999999:key/22222222-2222-4333-8444-555555555555; the cluster uses ${KEY_ID}`,
      'If the key of the cluster was changed just now',
    ],
    [
      'the agent does not encrypt',
      { plainAgent: true },
      'session-not-encrypted',
      'the agent does not encrypt',
      'Replace the task',
    ],
  ])('%s', async (_name, faults, code, message, hint) => {
    await lab.control('faults', { ...faults, keepFrames: true });
    const seen = await tellSecret();
    expect(seen).toMatchObject({ status: 255, stdout: '' });
    expect(seen.stderr).toContain(`[${code}]`);
    expect(seen.stderr).toContain(message);
    expect(seen.stderr).toContain(`\n  ${hint}`);
    expect(await inputs()).toEqual([]);
  });
});

describe('a debug log', () => {
  it('contains no tokens, keys or credentials', async () => {
    const file = `${lab.folder}/debug.log`;
    await tellSecret([`--debug=${file}`]);
    const { readFileSync } = await import('node:fs');
    const log = readFileSync(file, 'utf8');
    expect(log).toContain('session ecs-execute-command-');
    expect(log).not.toMatch(/AAEAA|X-Amz-|Signature|Plaintext|Token/i);
    expect(log).not.toContain(lab.environment.AWS_SECRET_ACCESS_KEY);
    expect(log).not.toContain(SECRET);
  });
});

/** An encrypted payload is 28 bytes longer than its plain text, and contains no long run of readable text. */
function isNoise(payload: Buffer): boolean {
  return payload.length > 28 && !/[\x20-\x7e\r\n]{24,}/.test(payload.toString('latin1'));
}
