import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import type { ContainerStart } from '#simulator/tasks/task-containers.ts';
import type { ContainerHost } from './container-settings.ts';
import { ContainerSpaces } from './container-space.ts';
import { ContainerStarter, type ContainerStarterOptions } from './container-starter.ts';
import { killMarkedProcesses } from './process-tree.ts';

export interface ContainersOptions extends Pick<ContainerStarterOptions, 'inventory' | 'openLog'> {
  readonly hostEnv: ContainerHost['hostEnv'];
  /** Base URL of the simulated metadata endpoints; it differs in each run. */
  readonly metadataBase: () => string;
}

/** Real containers have this variable too; here it also marks our processes. */
const MARKER = 'ECS_CONTAINER_METADATA_URI_V4';

/** All processes of all containers, and the files of those containers. */
export class Containers {
  readonly spaces: ContainerSpaces;
  readonly #starter: ContainerStarter;
  readonly #metadataBase: () => string;

  constructor({ inventory, openLog, hostEnv, metadataBase }: ContainersOptions) {
    this.#metadataBase = metadataBase;
    const markerEnv = ({ runtimeId }: FleetContainer) => ({
      [MARKER]: `${metadataBase()}${runtimeId}`,
    });
    this.spaces = new ContainerSpaces({ hostEnv, markerEnv });
    this.#starter = new ContainerStarter({
      inventory,
      openLog,
      hostEnv,
      markerEnv,
      spaces: this.spaces,
      killContainer: (container) => this.#kill(container.runtimeId),
    });
  }

  start(task: FleetTask, container: FleetContainer): ContainerStart {
    return this.#starter.start(task, container);
  }

  /** Runs the command of the container's health check once. */
  checkHealth(task: FleetTask, container: FleetContainer): Promise<boolean> {
    return this.#starter.checkHealth(task, container);
  }

  /** Kills the processes of a task that has stopped. */
  end(task: FleetTask): void {
    for (const container of task.containers) {
      if (this.spaces.isUsed(container)) void this.#kill(container.runtimeId);
    }
  }

  /** Kills every process and removes every file. */
  async stop(): Promise<void> {
    await this.#kill('');
    await this.spaces.remove();
  }

  #kill(runtimeId: string): Promise<void> {
    return killMarkedProcesses(`${MARKER}=${this.#metadataBase()}${runtimeId}`);
  }
}
