import type { AgentTimings } from './agent-link.ts';
import type { Faults } from './faults.ts';

/** What the simulated account holds; the content of a fleet file, with everything filled in. */
export interface Fleet {
  readonly region: string;
  readonly account: string;
  readonly clusters: readonly FleetCluster[];
  readonly timings: AgentTimings;
  readonly faults: Faults;
  readonly sessionLimit: SessionLimit;
}

/** Value by key. */
type FleetTags = Readonly<Record<string, string>>;

interface SessionLimit {
  /** Sessions at a time in one container (PROTOCOL 8.1); more open and stay silent. */
  readonly perContainer: number;
  /** Refuse further sessions with ECS's ClientException instead. */
  readonly isRefused: boolean;
}

export interface FleetCluster {
  readonly name: string;
  readonly status: string;
  /** Sessions are encrypted when set (PROTOCOL 6). */
  readonly kmsKeyId: string | undefined;
  readonly logging: string | undefined;
  readonly logConfiguration: Readonly<Record<string, unknown>> | undefined;
  readonly tags: FleetTags;
  readonly services: readonly FleetService[];
  /** Tasks of no service. */
  readonly tasks: readonly FleetTask[];
}

export interface FleetService {
  readonly name: string;
  readonly status: string;
  readonly enableExecuteCommand: boolean;
  readonly family: string;
  readonly revision: number;
  readonly launchType: string;
  /** Takes the place of the launch type. */
  readonly capacityProvider: string | undefined;
  readonly platformVersion: string;
  /** As many as it has running tasks, when undefined. */
  readonly desiredCount: number | undefined;
  /** COMPLETED, IN_PROGRESS or FAILED. */
  readonly rolloutState: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  /** What ECS says about it, newest first. */
  readonly events: readonly string[];
  readonly tags: FleetTags;
  readonly tasks: readonly FleetTask[];
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
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly stoppedReason: string | undefined;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly tags: FleetTags;
  readonly containers: readonly FleetContainer[];
}

export interface FleetContainer {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly lastStatus: string;
  readonly runtimeId: string;
  /** `lastStatus` of the exec agent; undefined when the container has none. */
  readonly agentStatus: string | undefined;
  readonly agentReason: string | undefined;
  /** Whether the agent has an open control channel; else TargetNotConnectedException. */
  readonly isConnected: boolean;
  /** PATH of its processes; the machine's own when undefined. */
  readonly path: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string | undefined;
}
