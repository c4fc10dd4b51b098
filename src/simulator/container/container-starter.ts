import { resolve } from 'node:path';
import type { FleetContainer, FleetTask } from '#simulator/fleet/fleet.ts';
import type { Inventory, TargetPlace } from '#simulator/fleet/inventory.ts';
import { healthCheckOf } from '#simulator/tasks/health-check.ts';
import type { ContainerStart } from '#simulator/tasks/task-containers.ts';
import { passesHealthCheck, startContainerProgram } from './container-program.ts';
import {
  type ContainerHost,
  type ContainerProgram,
  environmentOf,
  programOf,
} from './container-settings.ts';
import type { ContainerSpaces } from './container-space.ts';
import { checkProgram, ProgramError } from './program-lookup.ts';

/** Receives the lines of a container. */
type LineSink = (line: string) => void;

export interface ContainerStarterOptions extends ContainerHost {
  readonly spaces: ContainerSpaces;
  readonly inventory: Inventory;
  /** Opens the log of a container, or returns why that is not possible. */
  readonly openLog: (place: TargetPlace) => LineSink | { readonly failure: string };
  /** Ends all processes of a container. */
  readonly killContainer: (container: FleetContainer) => Promise<void>;
}

/** Starts the programs of containers as processes of this machine. */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /**
   * The container's own program, from RunTask or its definition. If this machine lacks a program of a definition, it
   * is assumed to be in the image: the container just keeps running.
   */
  start(task: FleetTask, container: FleetContainer): ContainerStart {
    const { inventory, spaces, openLog, killContainer } = this.#options;
    const cluster = inventory.clusterOf(task);
    const program = programOf(task, container);
    if (cluster === undefined || program === undefined) return { kind: 'idle' };
    const { PATH: path = '' } = environmentOf(task, container, this.#options);
    const workdir = container.workdir ?? '/';
    const problem = problemOf(program.words[0], { path, workdir, files: container.files ?? {} });
    if (problem !== undefined && !program.isOverridden) return { kind: 'idle' };
    if (problem !== undefined) return { kind: 'failed', reason: cannotStart(problem) };
    const onLine = openLog({ cluster, task, container });
    if (typeof onLine !== 'function') return { kind: 'failed', reason: onLine.failure };
    const killRest = () => killContainer(container);
    const space = spaces.of(task, container);
    const run = startContainerProgram({ words: program.words, space, workdir, onLine, killRest });
    return { kind: 'running', run };
  }

  /** Whether the container's health check exits with 0 in time. */
  async checkHealth(task: FleetTask, container: FleetContainer): Promise<boolean> {
    const check = healthCheckOf(container);
    if (check === undefined || isAboutImage(check.words, programOf(task, container))) return true;
    const space = await this.#options.spaces.of(task, container);
    return passesHealthCheck(check, space, container.workdir ?? '/');
  }
}

/** A check that needs something from the image cannot run here, so it counts as healthy. */
function isAboutImage(words: readonly string[], program: ContainerProgram | undefined): boolean {
  return (
    program === undefined && /localhost|127\.0\.0\.1|:\/\/|isready|ping|grpc/.test(words.join(' '))
  );
}

interface Lookup {
  readonly path: string;
  readonly workdir: string;
  /** The container's own files, which this machine may lack. */
  readonly files: Readonly<Record<string, string>>;
}

function problemOf(name: string, { path, workdir, files }: Lookup): string | undefined {
  if (files[resolve(workdir, name)] !== undefined) return undefined;
  try {
    checkProgram(name, { path, workdir, hostPath: (file) => file });
    return undefined;
  } catch (error) {
    if (error instanceof ProgramError) return error.message;
    throw error;
  }
}

/** UNVERIFIED on Fargate: RunTask with a command that the image lacks, and read `stoppedReason`. */
function cannotStart(problem: string): string {
  return `CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${problem}: unknown`;
}
