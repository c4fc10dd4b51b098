import { normalize } from 'node:path/posix';
import type { FleetContainer, FleetSession } from './fleet.ts';
import { type Fields, fleetError } from './fleet-fields.ts';
import { parsePortMap } from './fleet-ports.ts';
import { hexOf } from './ids.ts';

/** The task of a container. */
export interface ContainerPlace {
  readonly id: string;
  readonly isExecEnabled: boolean;
  readonly lastStatus: string;
  /** When its agent started, in seconds since the epoch. */
  readonly agentStartedAt: number;
}

/** Parses a container. @throws EcshError `fleet-invalid` */
export function parseContainer(fields: Fields, place: ContainerPlace): FleetContainer {
  const name = fields.requiredText('name');
  const suffix = Number.parseInt(hexOf(place.id + name).slice(0, 7), 16) + 1_000_000_000;
  const agentStatus = fields.text('agentStatus') ?? 'RUNNING';
  const container: FleetContainer = {
    name,
    image: fields.text('image') ?? `example.invalid/${name}:1`,
    essential: fields.flag('essential') ?? true,
    lastStatus: fields.text('lastStatus') ?? place.lastStatus,
    exitCode: fields.number('exitCode'),
    reason: fields.text('reason'),
    healthStatus: fields.text('healthStatus') ?? 'UNKNOWN',
    runtimeId: fields.text('runtimeId') ?? `${place.id}-${suffix}`,
    agentStatus: place.isExecEnabled && agentStatus !== 'NONE' ? agentStatus : undefined,
    agentReason: fields.text('agentReason'),
    agentStartedAt: place.agentStartedAt,
    isConnected: fields.flag('isConnected'),
    definition: fields.object('definition')?.all() ?? {},
    path: fields.text('path'),
    env: fields.texts('env'),
    workdir: fields.text('workdir'),
    files: parseFiles(fields),
    ports: parsePortMap(fields),
    sessions: fields.list('sessions', parseSession),
  };
  fields.finish();
  return container;
}

function parseSession(fields: Fields): FleetSession {
  const session = {
    owner: fields.requiredText('owner'),
    command: fields.text('command') ?? 'sh',
  };
  fields.finish();
  return session;
}

/** Directories that a container always shares with this machine. */
const SHARED = /^\/(?:bin|dev|etc|lib\w*|proc|run|sbin|sys|tmp|usr)(?:\/|$)/;

function parseFiles(fields: Fields): Readonly<Record<string, string>> | undefined {
  if (fields.raw('files') === undefined) return undefined;
  const files = fields.texts('files');
  for (const path of Object.keys(files)) {
    const isPath = path === normalize(path) && /^\/[^/]+\/./.test(path) && !path.endsWith('/');
    if (isPath && !SHARED.test(path)) continue;
    throw fleetError(`${fields.where}.files`, `"${path}" must be a path like /app/file`);
  }
  return files;
}
