import type { AgentTimings } from '#simulator/agent/agent-link.ts';
import type { Faults } from '#simulator/gateway/faults.ts';
import type { FleetAccount } from './fleet-account.ts';
import type { FleetPlacement } from './fleet-placement.ts';
import type { FleetHost, PortMap } from './fleet-ports.ts';

/** The simulated account: the content of a fleet file with all defaults filled in. */
export interface Fleet extends FleetAccount {
  readonly region: string;
  readonly account: string;
  readonly clusters: readonly FleetCluster[];
  /** Hosts that containers can reach. */
  readonly hosts: readonly FleetHost[];
  readonly timings: AgentTimings;
  readonly faults: Faults;
  readonly sessionLimit: SessionLimit;
}

/** Value by key. */
type FleetTags = Readonly<Record<string, string>>;

interface SessionLimit {
  /** Concurrent sessions per container (PROTOCOL 8.1); additional ones open and stay silent. */
  readonly perContainer: number;
  /** Rejects additional sessions with ECS's ClientException instead. */
  readonly isRefused: boolean;
}

export interface FleetCluster {
  readonly name: string;
  readonly status: string;
  /** If set, sessions are encrypted (PROTOCOL 6). */
  kmsKeyId: string | undefined;
  logging: string | undefined;
  logConfiguration: Readonly<Record<string, unknown>> | undefined;
  managedStorageConfiguration: Readonly<Record<string, unknown>> | undefined;
  readonly tags: FleetTags;
  readonly services: readonly FleetService[];
  /** Outcome of RunTask's tasks, unless their service overrides it. */
  readonly runTask: RolloutSettings | undefined;
  /** Standalone tasks. */
  readonly tasks: FleetTask[];
}

export interface FleetService {
  readonly name: string;
  readonly status: string;
  enableExecuteCommand: boolean;
  readonly family: string;
  readonly revision: number;
  readonly launchType: string;
  /** Capacity provider, which replaces the launch type. */
  readonly capacityProvider: string | undefined;
  platformVersion: string;
  /** `deploymentController.type`: ECS, CODE_DEPLOY or EXTERNAL. */
  readonly controller: string;
  readonly schedulingStrategy: string;
  readonly deploymentConfiguration: FleetDeploymentConfiguration;
  readonly rollout: RolloutSettings;
  /** Outcome of tasks that RunTask starts from its task definition. */
  readonly runTask: RolloutSettings | undefined;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly createdBy: string | undefined;
  readonly tags: FleetTags;
  desiredCount: number;
  /** Template of its next tasks; undefined if the file names no containers. */
  template: FleetTask | undefined;
  /** Settings that its tasks inherit. */
  readonly placement: FleetPlacement;
  readonly tasks: FleetTask[];
  /** Newest first, as the API lists them; so are the events. */
  readonly deployments: FleetDeployment[];
  readonly events: FleetEvent[];
}

export interface FleetDeploymentConfiguration {
  readonly strategy: string;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly deploymentCircuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
}

export const ROLLOUT_OUTCOMES = [
  'healthy',
  'crash',
  'unplaceable',
  'start-failure',
  'agent-stops',
  'agent-pending',
] as const;

/** How the next tasks of a service, or of RunTask, start and stop. Times are in milliseconds. */
export interface RolloutSettings {
  readonly outcome: (typeof ROLLOUT_OUTCOMES)[number];
  readonly taskStartMs: number;
  readonly agentStartMs: number;
  readonly drainMs: number;
  /** The reason for tasks that crash, cannot start or cannot be placed. */
  readonly stoppedReason: string;
  /** Exit code of the essential containers of tasks that crash. */
  readonly exitCode: number | undefined;
}

export interface FleetDeployment {
  readonly id: string;
  /** Template of its tasks. */
  readonly template: FleetTask | undefined;
  readonly createdAt: number;
  updatedAt: number;
  status: string;
  desiredCount: number;
  failedTasks: number;
  rolloutState: string;
  rolloutStateReason: string;
  /** For a rollback, the id of the failed deployment. */
  readonly rollbackOf: string | undefined;
}

interface FleetEvent {
  readonly id: string;
  readonly createdAt: number;
  readonly message: string;
}

export interface FleetTask {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly family: string;
  readonly revision: number;
  readonly group: string;
  readonly enableExecuteCommand: boolean;
  readonly launchType: string;
  readonly platformVersion: string;
  /** Id of the deployment, or `startedBy` of RunTask. */
  readonly startedBy: string | undefined;
  lastStatus: string;
  desiredStatus: string;
  stopCode: string | undefined;
  stoppedReason: string | undefined;
  /** Seconds since the epoch, like all times here. */
  readonly createdAt: number;
  startedAt: number | undefined;
  stoppedAt: number | undefined;
  pullStartedAt: number | undefined;
  pullStoppedAt: number | undefined;
  stoppingAt: number | undefined;
  executionStoppedAt: number | undefined;
  /** When its scale-in protection ends; undefined if it has none. */
  protectedUntil: number | undefined;
  tags: FleetTags;
  readonly placement: FleetPlacement;
  readonly containers: readonly FleetContainer[];
}

export interface FleetContainer {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  lastStatus: string;
  /** Exit code of its program, after that has ended. */
  exitCode: number | undefined;
  /** Why it stopped, or could not start. */
  reason: string | undefined;
  healthStatus: string;
  readonly runtimeId: string;
  /** `lastStatus` of the exec agent; undefined if the container has none. */
  agentStatus: string | undefined;
  agentReason: string | undefined;
  agentStartedAt: number | undefined;
  /**
   * Whether the agent has an open control channel; if not, ExecuteCommand fails with TargetNotConnectedException.
   * Undefined: the task's role and network decide.
   */
  readonly isConnected: boolean | undefined;
  /** Fields of the container definition by their API names; null removes a default. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** PATH of its processes; undefined means the machine's own. */
  readonly path: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string | undefined;
  /** File contents by path. The container then also has its own home, /app and /var/log. */
  readonly files: Readonly<Record<string, string>> | undefined;
  readonly ports: PortMap;
  /** Sessions that other users have open from the beginning. */
  readonly sessions: readonly FleetSession[];
}

export interface FleetSession {
  /** ARN of its caller. */
  readonly owner: string;
  readonly command: string;
}
