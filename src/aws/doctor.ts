import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import { type Ground, lazyAdapters } from './lazy-adapters.ts';

/** Creates the ports that call AWS. The adapter of each service is loaded when its port is first used. */
export function createDoctorPorts(connect: () => Promise<Ground>): Omit<DoctorPorts, 'local'> {
  const { ecs, service } = lazyAdapters(connect);
  return {
    ecs: ecs(async () => (await import('./ecs/ecs-details.ts')).createEcsDetails),
    sts: service(async () => (await import('./sts.ts')).createSts),
    iam: service(async () => (await import('./iam.ts')).createIam),
    ec2: service(async () => (await import('./ec2.ts')).createEc2),
    keys: service(async () => (await import('./keys.ts')).createKeys),
    logs: service(async () => (await import('./logs.ts')).createLogs),
    s3: service(async () => (await import('./s3.ts')).createS3),
    sessions: service(async () => (await import('./sessions.ts')).createSessions),
    trail: service(async () => (await import('./trail.ts')).createTrail),
  };
}
