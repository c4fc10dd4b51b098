import type { EcsAdminApi } from '#domain/ports/ecs-admin-ports.ts';

/** An `EcsAdminApi` with only the calls that a test defines. */
export function fakeAdmin(calls: Partial<EcsAdminApi>): () => Promise<EcsAdminApi> {
  const api: EcsAdminApi = {
    updateService: notAsked,
    findDaemon: notAsked,
    draftRevision: notAsked,
    deregisterRevision: notAsked,
    latestServiceDeployment: notAsked,
    listStoppedTasks: notAsked,
    taskOverrides: notAsked,
    runTask: notAsked,
    stopTask: notAsked,
    updateCluster: notAsked,
    ...calls,
  };
  return async () => api;
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error('not asked'));
}
