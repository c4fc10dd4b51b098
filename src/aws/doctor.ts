import type { DoctorPorts } from '#domain/ports/doctor-ports.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import type { EcsConnection } from './ecs/ecs-connection.ts';

interface Connection {
  readonly config: AwsConfig;
  readonly identity: AwsIdentity;
  /** The one that sessions use: its sockets are open. */
  readonly connection: EcsConnection;
}

/** Everything that `DoctorPorts` asks AWS; a service is loaded when its port is first asked for. */
export function createDoctorPorts(connect: () => Promise<Connection>): Omit<DoctorPorts, 'local'> {
  const port = <T>(load: () => Promise<(connection: Connection) => T>) => {
    let created: Promise<T> | undefined;
    const create = async () => {
      const [createPort, connection] = await Promise.all([load(), connect()]);
      return createPort(connection);
    };
    return () => {
      created ??= create();
      return created;
    };
  };
  const service = <T>(load: () => Promise<(config: AwsConfig, identity: AwsIdentity) => T>) =>
    port(async () => {
      const createService = await load();
      return ({ config, identity }: Connection) => createService(config, identity);
    });
  return {
    ecs: port(async () => {
      const { createEcsDetails } = await import('./ecs/ecs-details.ts');
      return ({ connection }: Connection) => createEcsDetails(connection);
    }),
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
