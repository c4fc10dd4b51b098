import { awsOf, nameOf } from '../aws.js';
import { jsonOf, reasonIn, seen, skip } from '../check.js';

/** Checks of single answers of AWS that ecsh relies on, or could use. */

const DOCUMENT = 'AWS-StartNonInteractiveCommand';
const RESPONSE = 'AWS_SSM_START_SESSION_RESPONSE';

/** @type {readonly import('../check.js').Check[]} */
export const ANSWER_CHECKS = [
  {
    id: 'newest-deployment',
    title: 'ListServiceDeployments has the newest first',
    questions: ['U-19'],
    async run(context) {
      const { serviceArn } = await described(context);
      if (serviceArn === undefined) return skip('the target is no service');
      const { ecs, cluster } = await awsOf(serviceArn);
      const client = await ecs();
      const answer = await client
        .listServiceDeployments({ service: serviceArn, cluster })
        .catch((error) => {
          if (nameOf(error) !== 'UnknownOperationException') throw error;
          return undefined;
        });
      if (answer === undefined) return skip('this endpoint has no ListServiceDeployments');
      const times = (answer.serviceDeployments ?? []).map(({ createdAt }) => Number(createdAt));
      if (times.length < 2) return skip('the service has a single deployment');
      const isSorted = times.every((time, at) => at === 0 || time <= (times[at - 1] ?? 0));
      return seen(`${isSorted ? 'the newest first' : 'in another order'}, of ${times.length}`);
    },
  },
  {
    id: 'daemons',
    title: 'ListDaemons takes the name of a cluster as well as its ARN',
    questions: ['U-33'],
    async run(context) {
      const { tasks } = await described(context);
      const { ecs, cluster, region } = await awsOf(tasks[0].taskArn);
      const client = await ecs();
      const { clusters = [] } = await client.describeClusters({ clusters: [cluster] });
      const ask = async (/** @type {string | undefined} */ clusterArn) => {
        try {
          await client.listDaemons({ clusterArn });
          return 'taken';
        } catch (error) {
          return nameOf(error);
        }
      };
      const byArn = await ask(clusters[0]?.clusterArn);
      if (byArn !== 'taken') return skip(`no answer for the ARN in ${region}: ${byArn}`);
      return seen(`the name: ${await ask(cluster)}`);
    },
  },
  {
    id: 'document',
    title: `${DOCUMENT} on a container, which would tell the status`,
    questions: ['U-25'],
    async run(context) {
      const { tasks } = await described(context);
      const [{ taskArn, taskId, containers }] = tasks;
      const runtimeId = containers.find((/** @type {any} */ { exec }) => exec?.ready)?.runtimeId;
      const { ssm, cluster, region } = await awsOf(taskArn);
      const target = `ecs:${cluster}_${taskId}_${runtimeId}`;
      const request = {
        Target: target,
        DocumentName: DOCUMENT,
        Parameters: { command: ['sh -c "exit 7"'], separateOutputStream: ['true'] },
      };
      const session = await (await ssm()).startSession(request).catch(nameOf);
      if (typeof session !== 'string') return withPlugin(context, { session, region, target });
      return session === 'AccessDeniedException' ? skip(session) : seen(`StartSession: ${session}`);
    },
  },
];

/**
 * @param {import('../context.js').Context} context
 * @returns {Promise<{ serviceArn?: string, tasks: any[] }>} a task is described as a service's only one
 */
async function described({ ecsh, target }) {
  const { status, ...output } = await ecsh(['describe', '--json', target]);
  if (status !== 0) throw new Error(reasonIn(output.stderr));
  const { serviceArn, tasks, ...rest } = jsonOf(output);
  return { serviceArn, tasks: tasks?.length > 0 ? tasks : [rest] };
}

/**
 * Runs a session as the AWS CLI would.
 *
 * @param {import('../context.js').Context} context
 * @param {{ session: import('@aws-sdk/client-ssm').StartSessionResponse, region: string, target: string }} options
 */
async function withPlugin({ ecsh }, { session, region, target }) {
  const { SessionId, StreamUrl, TokenValue } = session;
  const { AWS_ENDPOINT_URL: endpoint = '' } = process.env;
  const request = JSON.stringify({ Target: target });
  const words = [
    '__session-manager-plugin',
    RESPONSE,
    region,
    'StartSession',
    '',
    request,
    endpoint,
  ];
  const env = { [RESPONSE]: JSON.stringify({ SessionId, StreamUrl, TokenValue }) };
  const { status, stdout } = await ecsh(words, { env });
  const [code = 'no exit code'] = /EXIT_CODE: -?\d+/.exec(stdout.toString()) ?? [];
  return seen(`StartSession takes it; the plugin ends with ${status}: ${code}`);
}
