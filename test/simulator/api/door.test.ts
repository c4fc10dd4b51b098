import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultFleet } from '#simulator/fleet/default-fleet.ts';
import { type Simulator, startSimulator } from '#simulator/simulator.ts';
import { presignedPath, type SignedRequest, signedHeaders } from '#test/simulator/api/signed.ts';
import { RawClient } from '#test/simulator/gateway/raw-client.ts';

let simulator: Simulator;
let port: number;

beforeAll(async () => {
  simulator = await startSimulator({ fleet: defaultFleet(), env: process.env });
  port = Number(new URL(simulator.endpoint).port);
});

afterAll(() => simulator.stop());

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: string;
}

/** Sends a request unchanged; fetch would drop some headers. */
async function send({ method = 'POST', path = '/', headers = {}, body }: Raw): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  return { status: response.statusCode, body: await text(response) };
}

const LIST = { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters' };
const BODY = '{}';

/** Sends a signed ListClusters that was changed after signing. */
async function list(signing: SignedRequest = {}, more: IncomingHttpHeaders = {}, body = BODY) {
  const headers = await signedHeaders(simulator, { headers: LIST, body: BODY, ...signing });
  return send({ headers: { ...headers, ...more }, body });
}

const ok = { status: 200, body: expect.stringContaining('cluster/demo') };

function refused(status: number, type: string, message: RegExp = /./): Answer {
  return {
    status,
    body: expect.toSatisfy(
      (answer: string) => answer.includes(type) && message.test(answer),
      `${type} ${message}`,
    ),
  };
}

describe('the host and origin of a request', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('can be %s', async (name) => {
    expect(await list({ headers: { ...LIST, host: `${name}:${port}` } })).toEqual(ok);
  });

  it.each(['127.0.0.1:1', '127.0.0.1'])(
    'can have the port of a tunnel to the simulator: %s',
    async (host) => {
      expect(await list({ headers: { ...LIST, host } })).toEqual(ok);
    },
  );

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'evil.example@127.0.0.1',
    '127.0.0.1:1.evil.example',
  ])('cannot have another name: %s', async (host) => {
    const headers = { ...LIST, host };
    expect(await list({ headers })).toEqual({
      status: 403,
      body: 'The simulator answers at 127.0.0.1, localhost and [::1] only.\n',
    });
  });

  it.each(['http://evil.example', 'null', () => simulator.endpoint])(
    'cannot belong to a web page: %s',
    async (origin) => {
      const value = typeof origin === 'string' ? origin : origin();
      expect(await list({}, { origin: value })).toEqual({
        status: 403,
        body: 'The simulator takes no requests from web pages.\n',
      });
    },
  );

  it('are checked for control calls too', async () => {
    const { AWS_SECRET_ACCESS_KEY: secret = '' } = simulator.environment;
    const call = { path: '/_simulator/sessions', headers: { authorization: `Bearer ${secret}` } };
    const from = (more: IncomingHttpHeaders) =>
      send({ ...call, headers: { ...call.headers, ...more } });
    expect((await from({})).status).toBe(200);
    expect((await from({ host: `evil.example:${port}` })).status).toBe(403);
    expect((await from({ origin: simulator.endpoint })).status).toBe(403);
  });

  it.each([
    ['Host: evil.example', 'Origin: http://evil.example'],
    ['Host: evil.example'],
    [() => `Host: 127.0.0.1:${port}`, 'Origin: http://evil.example'],
  ])('are checked for upgrades too (%#)', async (...lines) => {
    const client = new RawClient(simulator);
    await client.execute('cat');
    const socket = connect(port, '127.0.0.1');
    socket.write(
      [
        `GET /v1/data-channel/${client.sessionId}?role=publish_subscribe HTTP/1.1`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ...lines.map((line) => (typeof line === 'string' ? line : line())),
        '\r\n',
      ].join('\r\n'),
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    await client.terminate();
  });
});

describe('the signature of a call', () => {
  it('is accepted with this run’s key', async () => {
    expect(await list()).toEqual(ok);
  });

  it('is accepted with any session token, because the terminal may hold a real one', async () => {
    expect(await list({ sessionToken: 'token' })).toEqual(ok);
  });

  it('is required', async () => {
    expect(await send({ headers: LIST, body: BODY })).toEqual(
      refused(400, 'MissingAuthenticationTokenException'),
    );
  });

  it('must use Signature Version 4', async () => {
    expect(await send({ headers: { ...LIST, authorization: 'Basic eDp5' }, body: BODY })).toEqual(
      refused(400, 'IncompleteSignatureException'),
    );
  });

  it('must use the secret of this run', async () => {
    expect(await list({ secretAccessKey: 'x'.repeat(40) })).toEqual(
      refused(400, 'InvalidSignatureException', /does not match.*new keys in each run/),
    );
  });

  it('must use the key id of this run', async () => {
    expect(await list({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).toEqual(
      refused(400, 'UnrecognizedClientException', /new keys in each run/),
    );
  });

  it('covers the body', async () => {
    expect(await list({}, {}, '{"maxResults":1}')).toEqual(
      refused(400, 'InvalidSignatureException'),
    );
  });

  it('covers the body even if the header names another hash', async () => {
    const headers = { ...LIST, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(await list({ headers })).toEqual(refused(400, 'InvalidSignatureException'));
  });

  it('covers the signed headers', async () => {
    const target = 'AmazonEC2ContainerServiceV20141113.ListServices';
    expect(await list({}, { 'x-amz-target': target })).toEqual(
      refused(400, 'InvalidSignatureException'),
    );
  });

  it.each([
    [-6, /Signature expired: \d{8}T\d{6}Z is now earlier than/],
    [6, /Signature not yet current: \d{8}T\d{6}Z is still later than/],
  ])('must not be off by %d minutes', async (minutes, message) => {
    const signingDate = new Date(Date.now() + minutes * 60_000);
    expect(await list({ signingDate })).toEqual(refused(400, 'InvalidSignatureException', message));
  });

  it.each([-4, 4])('may be off by %d minutes', async (minutes) => {
    expect(await list({ signingDate: new Date(Date.now() + minutes * 60_000) })).toEqual(ok);
  });
});

describe('each protocol rejects in its own format', () => {
  const secretAccessKey = 'x'.repeat(40);
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each([
    ['sts', 'Action=GetCallerIdentity&Version=2011-06-15', 403, 'MissingAuthenticationToken'],
    ['iam', 'Action=ListRoles&Version=2010-05-08', 403, 'MissingAuthenticationToken'],
    ['ec2', 'Action=DescribeVpcs&Version=2016-11-15', 401, 'AuthFailure'],
  ])('%s: unsigned', async (_, body, status, type) => {
    expect(await send({ headers: FORM, body })).toEqual(refused(status, `<Code>${type}</Code>`));
  });

  it.each([
    ['sts', 'Action=GetCallerIdentity&Version=2011-06-15', 403, 'SignatureDoesNotMatch'],
    ['ec2', 'Action=DescribeVpcs&Version=2016-11-15', 401, 'AuthFailure'],
  ])('%s: a wrong secret', async (service, body, status, type) => {
    const signing = { service, headers: FORM, body, secretAccessKey };
    const headers = await signedHeaders(simulator, signing);
    expect(await send({ headers, body })).toEqual(refused(status, `<Code>${type}</Code>`));
  });

  it('s3: a wrong secret', async () => {
    const path = '/bucket?encryption=';
    const signing = { method: 'GET', path, service: 's3', secretAccessKey };
    const headers = await signedHeaders(simulator, signing);
    expect(await send({ method: 'GET', path, headers })).toEqual(
      refused(403, '<Code>SignatureDoesNotMatch</Code>'),
    );
  });
});

describe('S3', () => {
  const path = '/some%20bucket/?encryption=';
  const missing = refused(404, 'NoSuchBucket');

  it.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', undefined])(
    'accepts a body signed as %s',
    async (hash) => {
      const headers = hash === undefined ? {} : { 'x-amz-content-sha256': hash };
      const signing = { method: 'PUT', path, service: 's3', headers };
      expect(
        await send({ method: 'PUT', path, headers: await signedHeaders(simulator, signing) }),
      ).toEqual(missing);
    },
  );

  it('accepts a presigned URL until it expires', async () => {
    const presign = (ageSeconds: number) =>
      presignedPath(simulator, {
        method: 'GET',
        path: '/bucket?encryption=',
        service: 's3',
        expiresIn: 900,
        signingDate: new Date(Date.now() - ageSeconds * 1000),
      });
    const get = async (url: string) => send({ method: 'GET', path: url });
    expect(await get(await presign(600))).toEqual(missing);
    expect(await get(await presign(901))).toEqual(refused(403, 'RequestTimeTooSkewed'));
    expect(await get(`${await presign(0)}0`)).toEqual(refused(403, 'SignatureDoesNotMatch'));
  });
});

it('STS accepts a presigned GetCallerIdentity, as tools pass it on', async () => {
  const path = await presignedPath(simulator, {
    method: 'GET',
    path: '/?Action=GetCallerIdentity&Version=2011-06-15',
    service: 'sts',
    expiresIn: 60,
  });
  expect(await send({ method: 'GET', path })).toEqual({
    status: 200,
    body: expect.stringContaining('<Account>123456789012</Account>'),
  });
});

describe('a control call', () => {
  const control = (headers: IncomingHttpHeaders) =>
    send({ path: '/_simulator/faults', headers, body: '{"dealyMs":1}' });

  it.each([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'Bearer ' },
    { 'content-type': 'text/plain' },
  ])('requires the secret of this run: %j', async (headers) => {
    expect(await control(headers)).toEqual({
      status: 403,
      body: '{"error":"give the secret access key of this run as \\"Authorization: Bearer SECRET\\""}\n',
    });
  });

  it('succeeds with the secret', async () => {
    const authorization = `Bearer ${simulator.environment.AWS_SECRET_ACCESS_KEY}`;
    expect(await control({ authorization })).toEqual({
      status: 400,
      body: '{"error":"faults: there is no fault \\"dealyMs\\"."}\n',
    });
  });
});

it('each run has a different key', async () => {
  const other = await startSimulator({ fleet: defaultFleet(), env: process.env });
  await other.stop();
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
    expect(other.environment[name]).not.toBe(simulator.environment[name]);
  }
  expect(other.environment.AWS_ACCESS_KEY_ID).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(other.environment.AWS_SECRET_ACCESS_KEY).toMatch(/^[A-Za-z0-9]{40}$/);
});
