import { createHash } from 'node:crypto';

export const BIG_FLEET = { clusters: 3, services: 250, tasks: 1_200 } as const;

const CLUSTERS = ['prod', 'staging', 'tools'] as const;
const STANDALONE_PER_CLUSTER = 10;
const KINDS = ['api', 'worker', 'web', 'cron', 'consumer'] as const;
const TEAMS = ['shop', 'search', 'billing', 'growth'] as const;
/** Starts on 2026-03-01; each task is a minute later than the previous one. */
const FIRST_START = 1_772_323_200;

/**
 * Returns the content of a fleet file with three clusters of 400 tasks each, in 250 services and some tasks
 * without a service. Most are ready; for each reason, some are not. The content is the same at every call.
 */
export function bigFleet(): object {
  const services = serviceNames();
  const perCluster = BIG_FLEET.tasks / CLUSTERS.length;
  return {
    clusters: CLUSTERS.map((name, index) => {
      const own = services.filter((_, at) => at % CLUSTERS.length === index);
      const inServices = perCluster - STANDALONE_PER_CLUSTER;
      return {
        name,
        tags: { env: name },
        services: own.map((service, at) => {
          const share = Math.floor(inServices / own.length);
          const count = share + (at < inServices % own.length ? 1 : 0);
          return bigService(name, service, at, count);
        }),
        tasks: Array.from({ length: STANDALONE_PER_CLUSTER }, (_, at) => ({
          id: idOf(`${name}/${at}`),
          family: at % 2 === 0 ? 'nightly-report' : 'backfill',
          createdAt: FIRST_START + at * 60,
          containers: [{ name: 'job' }],
        })),
      };
    }),
  };
}

/** 250 names: `shop-api-00` and so on. */
function serviceNames(): readonly string[] {
  return Array.from({ length: BIG_FLEET.services }, (_, at) => {
    const team = TEAMS[at % TEAMS.length];
    const kind = KINDS[Math.floor(at / TEAMS.length) % KINDS.length];
    return `${team}-${kind}-${`${at}`.padStart(3, '0')}`;
  });
}

function bigService(cluster: string, name: string, at: number, count: number): object {
  return {
    name,
    revision: (at % 90) + 1,
    enableExecuteCommand: at % 10 !== 3,
    createdAt: FIRST_START - at * 3_600,
    ...(at % 4 === 1 ? { capacityProvider: 'FARGATE_SPOT' } : {}),
    ...(at % 9 === 2 ? { rolloutState: 'IN_PROGRESS', desiredCount: count + 1 } : {}),
    events: [`(service ${name}) has reached a steady state.`],
    tags: { team: name.split('-')[0] ?? '', tier: at % 2 === 0 ? 'gold' : 'silver' },
    tasks: Array.from({ length: count }, (_, index) => ({
      id: idOf(`${cluster}/${name}/${index}`),
      createdAt: FIRST_START + (at * 5 + index) * 60,
      tags: { team: name.split('-')[0] ?? '' },
      lastStatus: at % 9 === 2 && index === 0 ? 'PENDING' : 'RUNNING',
      containers: containersOf(at, index),
    })),
  };
}

function containersOf(at: number, index: number): readonly object[] {
  const app = {
    name: 'app',
    ...(at % 7 === 5 && index === 0
      ? {
          agentStatus: 'STOPPED',
          agentReason: 'ExecuteCommandAgent process exited with exit code: 1',
        }
      : {}),
  };
  if (at % 3 !== 0) return [app];
  return [app, { name: 'log-router' }, { name: 'aws-guardduty-agent-x7Yz9Q', essential: false }];
}

function idOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}
