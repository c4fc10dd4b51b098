import type { CheckDescription } from '#doctor/check-model.ts';
import type { CheckId } from '#domain/readiness/check-id.ts';

type Words = Pick<CheckDescription, 'meaning' | 'remedy'>;

/** Descriptions of the checks that every `exec` makes, for the troubleshooting page. */
export const TIER_A_DESCRIPTIONS: Readonly<Partial<Record<CheckId, Words>>> = {
  'task-exists': {
    meaning:
      'The task is there, in this cluster, account and region. ECS forgets a stopped task after about an hour.',
    remedy: 'List the tasks with ecsh ls, and check --region and --profile.',
  },
  'task-status': {
    meaning: 'Only a RUNNING task can be entered.',
    remedy:
      'Wait for one that is starting (--wait); choose another one, or start one, for one that has stopped.',
  },
  'task-stopping': {
    meaning: 'ECS has asked the task to stop, so that a session may be cut at any moment.',
    remedy: 'Choose a task of the newest deployment.',
  },
  'launch-type': {
    meaning: 'Where the task runs: Fargate, EC2, or hosts of your own, whose network is up to you.',
    remedy: 'Nothing to do.',
  },
  'exec-enabled': {
    meaning:
      'The flag enableExecuteCommand is copied when a task is launched. Nothing can switch it on later.',
    remedy:
      'ecsh enable turns it on for the service and replaces its tasks; a standalone task is started anew.',
  },
  'container-selection': {
    meaning:
      'One container can be named: the one asked for, or the only one that is not a sidecar.',
    remedy: 'Name it with -c or TARGET@CONTAINER.',
  },
  'managed-sidecars': {
    meaning: 'Containers that AWS adds (Service Connect, GuardDuty) are left out of the choice.',
    remedy: 'Name a container of your task definition.',
  },
  'container-running': {
    meaning: 'The container itself runs.',
    remedy: 'Look at its exit code and reason, and start another task.',
  },
  'container-runtime-id': {
    meaning:
      'A session is addressed to the runtime id of the container, which it gets when it starts.',
    remedy: 'Wait a moment.',
  },
  'exec-agent-present': {
    meaning: 'ECS adds an exec agent to each container of a task with the flag. It did not here.',
    remedy:
      'See fargate-platform-version, agent-version and async-placement, then replace the task.',
  },
  'exec-agent-status': {
    meaning: 'The exec agent runs in the container.',
    remedy: 'See the reason that ECS gives, below; usually the task has to be replaced.',
  },
  'exec-agent-restarted': {
    meaning:
      'An agent that started long after its container was restarted: by a session that killed it, or with the container.',
    remedy: 'Enable initProcessEnabled; see restart-policy.',
  },
  'task-connectivity': {
    meaning: 'ECS hears from the task; otherwise what it reports may be old.',
    remedy: 'Look at the container instance and its ECS agent.',
  },
  'fargate-platform-version': {
    meaning: 'ECS Exec needs platform version 1.4.0 on Linux and 1.0.0 on Windows.',
    remedy: 'Redeploy with --platform-version LATEST.',
  },
  'async-placement': {
    meaning:
      'A standalone task that waited for managed scaling to bring it an instance cannot be entered.',
    remedy: 'Run it as a service, on Fargate, or when there is capacity.',
  },
  'container-health': {
    meaning: 'A service may replace an unhealthy task while you are in it.',
    remedy: 'Look at the health check of the container.',
  },
};
