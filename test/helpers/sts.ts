import { createServer } from 'node:http';
import { portOf } from './private-ca.ts';

export interface FakeSts {
  readonly url: string;
  /** Parameters of every AssumeRole. */
  readonly requests: readonly Readonly<Record<string, string>>[];
  close(): void;
}

export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An STS on loopback that lets anybody assume any role, with the code 123456 for MFA. */
export async function startFakeSts(keys: IssuedKeys): Promise<FakeSts> {
  const requests: Readonly<Record<string, string>>[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const input = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
      requests.push(input);
      const isDenied = input.SerialNumber !== undefined && input.TokenCode !== '123456';
      response.writeHead(isDenied ? 403 : 200, { 'content-type': 'text/xml' });
      response.end(isDenied ? DENIED : assumed(keys));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

function assumed({ accessKeyId, secretAccessKey }: IssuedKeys): string {
  const end = new Date(Date.now() + 3_600_000).toISOString();
  return `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/ops/me</Arn><AssumedRoleId>AROA:me</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>session-token</SessionToken><Expiration>${end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

const DENIED = `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>MultiFactorAuthentication failed with invalid MFA one time pass code. </Message></Error></ErrorResponse>`;
