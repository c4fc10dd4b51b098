import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAws } from '#test/helpers/aws-cli.ts';
import { Lab } from '#test/helpers/e2e.ts';
import {
  type PluginPlace,
  playSession,
  SESSIONS,
  withPlugin,
} from '#test/helpers/plugin-sessions.ts';

/** How to reach the place, and the KMS of the stand-in: the real plugin reaches it only through a proxy. */
const PLACE_VARIABLES = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'HTTPS_PROXY',
];

/** A port of this machine on which no program listens. */
const CLOSED = 1;
const READING_MS = 500;

/**
 * Runs in a container of the simulator by default. To run elsewhere, such as with a real agent, set
 * ECSH_PEERS_PLACE to CLUSTER TASK CONTAINER TARGET PORT, where PORT has an HTTP server. The other
 * variables then lead there.
 */
const [cluster, task, container, target, open] = (process.env.ECSH_PEERS_PLACE ?? '').split(' ');

describe('ecsh as session-manager-plugin of the AWS CLI, beside the real one', () => {
  let lab: Lab;
  let theirs: PluginPlace;
  let ours: PluginPlace;

  beforeAll(async () => {
    lab = await Lab.start({
      sessionLimit: { perContainer: 100 },
      clusters: [
        {
          name: 'lab',
          services: [
            { name: 'app', containers: [{ name: 'app', ports: { '80': 'http', '82': CLOSED } }] },
          ],
        },
      ],
    });
    await lab.run(['plugin', 'install', '--dir', lab.folder]);
    const place = target === undefined ? await simulated(lab) : elsewhere(target);
    theirs = { ...place, env: envOf(undefined) };
    ours = { ...place, env: envOf(lab.folder) };
  });

  afterAll(() => lab.stop());

  function envOf(folder: string | undefined): Readonly<Record<string, string>> {
    const env = withPlugin(lab, folder);
    if (target === undefined) return env;
    const given = PLACE_VARIABLES.map((name) => [name, process.env[name] ?? '']);
    return { ...env, ...Object.fromEntries(given.filter(([, value]) => value !== '')) };
  }

  it.each(SESSIONS)(
    'shows the same of $name',
    async (session) => {
      const [seen, wanted] = await Promise.all([
        playSession(ours, session, READING_MS),
        playSession(theirs, session, READING_MS),
      ]);
      expect(seen).toBe(wanted);
    },
    60_000,
  );
});

function elsewhere(name: string): Omit<PluginPlace, 'env'> {
  return {
    cluster: cluster ?? '',
    task: task ?? '',
    container: container ?? '',
    target: name,
    ports: { open: Number(open), closed: CLOSED },
  };
}

async function simulated(lab: Lab): Promise<Omit<PluginPlace, 'env'>> {
  const listed = Object(await runAws(lab, 'ecs', 'list-tasks', '--cluster', 'lab'));
  const arn = String(listed.taskArns[0]);
  const words = ['ecs', 'describe-tasks', '--cluster', 'lab', '--tasks', arn];
  const { runtimeId } = Object(await runAws(lab, ...words)).tasks[0].containers[0];
  return {
    cluster: 'lab',
    task: arn,
    container: 'app',
    target: `ecs:lab_${arn.split('/').at(-1)}_${runtimeId}`,
    ports: { open: 80, closed: 82 },
  };
}
