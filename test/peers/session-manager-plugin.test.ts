import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { awsEnvironment, runAws } from '#test/helpers/aws-cli.ts';
import { Lab } from '#test/helpers/e2e.ts';
import { freePort } from '#test/helpers/free-port.ts';
import type { Screen } from '#test/helpers/screen.ts';

const REMOTE_HOST = 'AWS-StartPortForwardingSessionToRemoteHost';

/** A port of this machine on which no program listens, now or later. */
const NOBODY = 1;
/** Bytes that are not valid text. */
const FILE = randomBytes(5_000_000);

describe('the AWS CLI with session-manager-plugin, forwarding ports of ecsh simulate', () => {
  let lab: Lab;
  let server: Server;
  let target: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const hash = createHash('sha256');
      for await (const data of request) hash.update(data);
      response.end(request.method === 'POST' ? hash.digest('hex') : FILE);
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const ports = { '80': 'http', '81': port, '82': NOBODY };
    lab = await Lab.start({
      sessionLimit: { perContainer: 100 },
      hosts: [{ name: 'files.internal', ports: { '443': port } }],
      clusters: [
        { name: 'lab', services: [{ name: 'app', containers: [{ name: 'app', ports }] }] },
      ],
    });
    target = await targetOf(lab);
  });

  afterAll(async () => {
    await lab.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A session on a terminal, and the address of its local end. */
  async function forward(
    parameters: string,
    document = 'AWS-StartPortForwardingSession',
  ): Promise<{ url: string; screen: Screen }> {
    const local = await freePort();
    const screen = await lab.openScreen(
      [
        ...['aws', 'ssm', 'start-session', '--target', target, '--document-name', document],
        ...['--parameters', `${parameters},localPortNumber=${local}`],
      ],
      { env: { ...awsEnvironment(lab), TERM: 'xterm-256color' } },
    );
    await screen.until(/Waiting for connections/);
    return { url: `http://127.0.0.1:${local}`, screen };
  }

  const text = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

  it.concurrent('reaches the port, until Ctrl-C ends the session', async () => {
    const { url, screen } = await forward('portNumber=80');
    expect(await text(`${url}/hello`)).toBe(
      'Hello from lab/app@app in ecsh simulate: GET /hello\n',
    );
    screen.type('\x03');
    await screen.until(/Exiting session with sessionId/);
    await expect(fetch(url)).rejects.toThrow();
    const id = /sessionId: (simulator-\w+)/.exec(screen.text)?.[1];
    const stateOf = (sessions: unknown) =>
      Array.isArray(sessions) ? sessions.find((session) => session.id === id)?.state : undefined;
    const closed = async () => expect(stateOf(await lab.control('sessions'))).toBe('closed');
    await vi.waitFor(closed, { timeout: 10_000 });
  }, 60_000);

  it.concurrent('transfers 5 MB each way unchanged, several at once', async () => {
    const { url } = await forward('host=files.internal,portNumber=443', REMOTE_HOST);
    const download = async () => digest(Buffer.from(await (await fetch(url)).arrayBuffer()));
    const upload = () => text(url, { method: 'POST', body: FILE });
    const wanted = digest(FILE);
    expect(await Promise.all([download(), download(), upload()])).toEqual([wanted, wanted, wanted]);
  }, 90_000);

  it.concurrent('reports that the port does not answer, and continues', async () => {
    const { url, screen } = await forward('portNumber=82');
    await expect(fetch(url)).rejects.toThrow();
    await screen.until(/Connection to destination port failed/);
    await expect(fetch(url)).rejects.toThrow();
  }, 60_000);

  it.concurrent('reports why the agent refuses a host', async () => {
    const { screen } = await forward('host=169.254.169.254,portNumber=80', REMOTE_HOST);
    await screen.until(/: Forwarding to IP address 169\.254\.169\.254 is forbidden\./);
  }, 60_000);
});

/** Returns the target under which StartSession knows the only container (PROTOCOL 1.3). */
async function targetOf(lab: Lab): Promise<string> {
  const { taskArns } = Object(await runAws(lab, 'ecs', 'list-tasks', '--cluster', 'lab'));
  const described = await runAws(
    lab,
    'ecs',
    'describe-tasks',
    '--cluster',
    'lab',
    '--tasks',
    taskArns[0],
  );
  const { runtimeId } = Object(described).tasks[0].containers[0];
  return `ecs:lab_${taskArns[0].split('/').at(-1)}_${runtimeId}`;
}

function digest(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
