// @ts-check
/* What ECS and SSM answer about the one task that there is. */

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
export const TASK = `${ARN}:task/bench/0f9de17a6465404e8b1b2356dc13c2f8`;
const CONTAINER = {
  name: 'app',
  runtimeId: '0f9de17a6465404e8b1b2356dc13c2f8-1',
  lastStatus: 'RUNNING',
  managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: 'RUNNING' }],
};
const DESCRIBED = {
  taskArn: TASK,
  clusterArn: `${ARN}:cluster/bench`,
  taskDefinitionArn: `${ARN}:task-definition/bench:1`,
  group: 'service:web',
  lastStatus: 'RUNNING',
  desiredStatus: 'RUNNING',
  launchType: 'FARGATE',
  platformVersion: '1.4.0',
  enableExecuteCommand: true,
  startedAt: 1_700_000_000,
  containers: [CONTAINER],
};
const CLUSTER = { clusterArn: DESCRIBED.clusterArn, clusterName: 'bench', status: 'ACTIVE' };

/**
 * @param {string} operation
 * @param {string} streamUrl
 * @param {number} [tasks] that run in the cluster
 * @returns {object}
 */
export function apiAnswer(operation, streamUrl, tasks = 1) {
  const session = { sessionId: 'ecs-execute-command-bench', streamUrl, tokenValue: 'token' };
  switch (operation) {
    case 'ListTasks':
      return { taskArns: Array(tasks).fill(TASK) };
    case 'DescribeTasks':
      return { tasks: [DESCRIBED], failures: [] };
    case 'DescribeClusters':
      return { clusters: [CLUSTER], failures: [] };
    case 'ExecuteCommand':
      return {
        clusterArn: DESCRIBED.clusterArn,
        containerArn: `${ARN}:container/bench/1`,
        containerName: 'app',
        interactive: true,
        session,
        taskArn: TASK,
      };
    default:
      return { SessionId: session.sessionId };
  }
}
