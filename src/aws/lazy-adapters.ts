import { once } from '#once.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import type { AwsConnection } from './connect.ts';
import type { EcsConnection } from './ecs/ecs-connection.ts';

/** The settings from which most adapters are created. */
export type Ground = Pick<AwsConnection, 'config' | 'identity' | 'connection'>;

/**
 * Adapters with one connection to AWS. Each loads its module when it is first needed, and is created once.
 *
 * @param connect looks up region, credentials and the route out
 */
export function lazyAdapters<Aws extends Ground>(connect: () => Promise<Aws>) {
  const adapter = <T>(load: () => Promise<(aws: Aws) => T>) =>
    once(async () => {
      const [create, aws] = await Promise.all([load(), connect()]);
      return create(aws);
    });
  return {
    adapter,
    /** Uses the sockets of sessions, which are already open. */
    ecs: <T>(load: () => Promise<(connection: EcsConnection) => T>) =>
      adapter(async () => {
        const create = await load();
        return ({ connection }) => create(connection);
      }),
    service: <T>(load: () => Promise<(config: AwsConfig, identity: AwsIdentity) => T>) =>
      adapter(async () => {
        const create = await load();
        return ({ config, identity }) => create(config, identity);
      }),
  };
}
