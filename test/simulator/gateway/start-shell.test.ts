import { expect, it, onTestFinished } from 'vitest';
import { PayloadType } from '#protocol/message.ts';
import { parseFleet } from '#simulator/fleet/fleet-file.ts';
import { startSimulator } from '#simulator/simulator.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

const SHELL = 'SSM-SessionManagerRunShell';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1111';

async function start(
  documentName: string,
  parameters: Readonly<Record<string, readonly string[]>> = {},
  account: object = {},
): Promise<RawClient> {
  const env = { PATH: process.env.PATH ?? '', PS1: '$> ' };
  const services = [{ name: 'web', containers: [{ name: 'app', env }] }];
  const fleet = parseFleet({ clusters: [{ name: 'demo', services }], ...account });
  const simulator = await startSimulator({ fleet, env: process.env });
  onTestFinished(() => simulator.stop());
  const client = new RawClient(simulator);
  await client.forward(parameters, documentName);
  await client.open();
  return client;
}

it('runs a shell on a terminal until it exits', async () => {
  const client = await start(SHELL);
  await client.until(() => client.output.endsWith('> '));
  await client.sendSurely('echo $0 $TERM; exit 3\r', PayloadType.output);
  await client.until(() => client.closedWith !== undefined);
  expect(client.output.split('\r\n').slice(1)).toEqual(['sh xterm-256color', '']);
  expect(client.closedWith).toBe('');
});

it('types the shell profile of the preferences into the shell', async () => {
  const sessionPreferences = { shellProfile: 'echo from the $((1 + 1))nd line; exit' };
  const client = await start(SHELL, {}, { sessionPreferences });
  await client.until(() => client.closedWith !== undefined);
  expect(client.output).toContain('from the 2nd line\r\n');
});

it('encrypts a shell session with the key of the preferences', async () => {
  const client = await start(SHELL, {}, { sessionPreferences: { kmsKeyId: KEY } });
  const requests = () =>
    client.messages.filter(({ payloadType }) => payloadType === PayloadType.handshakeRequest);
  await client.until(() => requests().length > 0);
  const request: unknown = JSON.parse(Buffer.from(requests()[0]?.payload ?? []).toString());
  expect(Reflect.get(Object(request), 'RequestedClientActions')).toMatchObject([
    { ActionType: 'SessionType', ActionParameters: { SessionType: 'Standard_Stream' } },
    { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: KEY } },
  ]);
  client.vanish();
});

it('ends an idle shell after the timeout of the preferences', async () => {
  const client = await start(SHELL, {}, { sessionPreferences: { idleSessionTimeout: 0.005 } });
  await client.until(() => client.closedWith !== undefined);
  expect(client.closedWith).toBe(
    'Your session timed out due to inactivity and has been terminated.',
  );
});

it('runs the command of AWS-StartInteractiveCommand', async () => {
  const client = await start('AWS-StartInteractiveCommand', { command: ['echo "a  b"'] });
  await client.until(() => client.closedWith !== undefined);
  expect(client.output).toBe('a  b\r\n');
});
