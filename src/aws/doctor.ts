import type { DoctorPorts } from '../domain/doctor-ports.ts';
import type { AwsConfig } from './config.ts';
import type { AwsIdentity } from './identity.ts';

/** Everything that `DoctorPorts` asks AWS; a service is loaded when its port is first asked for. */
export function createDoctorPorts(
  connect: () => Promise<{ readonly config: AwsConfig; readonly identity: AwsIdentity }>,
): Omit<DoctorPorts, 'local'> {
  const port = <T>(load: () => Promise<(config: AwsConfig, identity: AwsIdentity) => T>) => {
    let created: Promise<T> | undefined;
    const create = async () => {
      const [createPort, { config, identity }] = await Promise.all([load(), connect()]);
      return createPort(config, identity);
    };
    return () => {
      created ??= create();
      return created;
    };
  };
  return {
    ecs: port(async () => (await import('./ecs-details.ts')).createEcsDetails),
    sts: port(async () => (await import('./sts.ts')).createSts),
    iam: port(async () => (await import('./iam.ts')).createIam),
    ec2: port(async () => (await import('./ec2.ts')).createEc2),
    keys: port(async () => (await import('./keys.ts')).createKeys),
    logs: port(async () => (await import('./logs.ts')).createLogs),
    s3: port(async () => (await import('./s3.ts')).createS3),
    sessions: port(async () => (await import('./sessions.ts')).createSessions),
    trail: port(async () => (await import('./trail.ts')).createTrail),
  };
}
