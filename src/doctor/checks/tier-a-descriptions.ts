import type { CheckDescription } from '#doctor/check-model.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';

type Words = Pick<CheckDescription, 'meaning' | 'remedy'>;

/** Descriptions of the checks that every `exec` runs, for the troubleshooting page. */
export const TIER_A_DESCRIPTIONS: Readonly<Partial<Record<CheckId, Words>>> = {
  'task-exists': {
    meaning:
      'The task exists in this cluster, account and region. About an hour after a task has stopped, ECS no longer reports it.',
    remedy: 'List the tasks with ecsh ls, and check --region and --profile.',
  },
  'task-status': {
    meaning: 'Sessions can be opened only in a RUNNING task.',
    remedy:
      'If the task is starting, wait for it (--wait). If it has stopped, choose another task or start a new one.',
  },
  'task-stopping': {
    meaning: 'ECS has asked the task to stop, so a session may be cut off at any moment.',
    remedy: 'Choose a task of the newest deployment.',
  },
  'launch-type': {
    meaning:
      'Where the task runs: on Fargate, on EC2, or on your own hosts, whose network you manage yourself.',
    remedy: 'Nothing to do.',
  },
  'exec-enabled': {
    meaning:
      'A task keeps the enableExecuteCommand flag that it was launched with. The flag cannot be turned on later.',
    remedy:
      'Run ecsh enable. It turns the flag on for a service and replaces its tasks, or starts a copy of a standalone task.',
  },
  'container-selection': {
    meaning:
      'ecsh can tell which container to use: the one you named, or one that it can choose, such as the only one that is not a sidecar.',
    remedy: 'Name it with -c or TARGET@CONTAINER.',
  },
  'managed-sidecars': {
    meaning:
      'ecsh enters a container that AWS adds (Service Connect, GuardDuty) only if you name it.',
    remedy: 'Name a container of your task definition.',
  },
  'container-running': {
    meaning: 'The container itself is running.',
    remedy: 'Look at its exit code and reason, then start another task.',
  },
  'container-runtime-id': {
    meaning:
      'A session needs the runtime id of the container, which the container gets when it starts.',
    remedy: 'Wait a moment.',
  },
  'exec-agent-present': {
    meaning:
      'ECS adds an exec agent to every container of a task that has the flag. If this check fails, it did not.',
    remedy:
      'See fargate-platform-version, agent-version and async-placement, then replace the task.',
  },
  'exec-agent-status': {
    meaning: 'The exec agent is running in the container.',
    remedy: 'Look up the reason that ECS gives, below. Usually the task must be replaced.',
  },
  'exec-agent-restarted': {
    meaning:
      'An exec agent that started long after its task has been restarted: a session killed it, or the container was restarted.',
    remedy: 'Set initProcessEnabled to true. See also restart-policy.',
  },
  'task-connectivity': {
    meaning: 'ECS is in contact with the task. If it is not, its reports may be out of date.',
    remedy: 'Check the container instance and its ECS agent.',
  },
  'fargate-platform-version': {
    meaning:
      'ECS Exec needs platform version 1.4.0 or later on Linux, and 1.0.0 or later on Windows.',
    remedy: 'Redeploy with --platform-version LATEST.',
  },
  'async-placement': {
    meaning:
      'ECS Exec does not work in a standalone task that had to wait until managed scaling added an instance.',
    remedy: 'Run the task as a service, on Fargate, or while an instance has room for it.',
  },
  'container-health': {
    meaning: 'A service may replace an unhealthy task while you are in it.',
    remedy: "Look at the container's health check.",
  },
};
