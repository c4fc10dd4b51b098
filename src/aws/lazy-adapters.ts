import { once } from '#once.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import type { AwsConnection } from './connect.ts';
import type { EcsConnection } from './ecs/ecs-connection.ts';

/** The parts of it that most adapters are made of. */
export type Ground = Pick<AwsConnection, 'config' | 'identity' | 'connection'>;

/**
 * Adapters on one way to AWS. Each loads its module when it is first needed, and is made once.
 *
 * @param connect finds region, credentials and the way out
 */
export function lazyAdapters<Aws extends Ground>(connect: () => Promise<Aws>) {
  const adapter = <T>(load: () => Promise<(aws: Aws) => T>) =>
    once(async () => {
      const [create, aws] = await Promise.all([load(), connect()]);
      return create(aws);
    });
  return {
    adapter,
    /** On the sockets of sessions, which are open already. */
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
