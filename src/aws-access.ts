import type { AwsConfig } from '#aws/call/config.ts';
import type { UpgradeSigner } from '#aws/call/upgrade-signer.ts';
import type { AwsConnection } from '#aws/connect.ts';
import { lazyAdapters } from '#aws/lazy-adapters.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { EcsApi } from '#domain/ports/ecs-ports.ts';
import type { KmsApi, SsmApi } from '#domain/ports/session-ports.ts';
import type { Clock } from '#domain/ports/system-ports.ts';
import type { OpenTransport } from '#domain/ports/transport-ports.ts';
import { requireDescriptors } from '#local/descriptors.ts';
import { namesProxy } from '#network/proxy-variables.ts';
import { once } from '#once.ts';

export interface AwsAccessOptions extends AwsConfig {
  readonly env: NonNullable<AwsConfig['env']>;
  readonly clock: Clock;
  /** The endpoint of SSM only. */
  readonly ssmEndpointUrl?: string | undefined;
  /** Without credentials, data channels are opened unsigned, not refused (PROTOCOL 1.5). */
  readonly mayGoUnsigned?: boolean | undefined;
}

type Direct = Omit<AwsAccessOptions, 'clock' | 'ssmEndpointUrl' | 'mayGoUnsigned'>;

/** The AWS access of sessions, assembled for the program and for the library. */
export interface AwsAccess {
  /** Region, credentials and the route out, looked up once; other adapters are created from it. */
  readonly connect: () => Promise<AwsConnection>;
  readonly ecs: () => Promise<EcsApi>;
  readonly ssm: () => Promise<SsmApi>;
  readonly kms: () => Promise<KmsApi>;
  readonly openTransport: OpenTransport;
  /** @throws EcshError `too-many-open-files` if this process lacks descriptors for a session. */
  readonly requireDescriptors: () => void;
  /** Loads the code that `openTransport` needs. */
  readonly loadTransport: () => Promise<unknown>;
}

/** Adapters load when they are first needed, so that `--help` loads none of them. */
export function accessAws(options: AwsAccessOptions): AwsAccess {
  const { clock, ssmEndpointUrl, mayGoUnsigned, ...direct } = options;
  const connect = once(() => connectAws(direct));
  const { service } = lazyAdapters(connect);
  const loadTransport = once(() => import('#transport/websocket.ts'));
  return {
    connect,
    ecs: async () => (await connect()).ecs,
    ssm: service(async () => {
      const { createSsm } = await import('#aws/ssm.ts');
      return ({ endpointUrl, ...config }, identity) =>
        createSsm({ ...config, endpointUrl: ssmEndpointUrl ?? endpointUrl }, identity);
    }),
    kms: service(async () => (await import('#aws/kms.ts')).createKms),
    async openTransport(url, listener, signal) {
      const [{ createOpenTransport }, { config, sign, ownEndpoint }] = await Promise.all([
        loadTransport(),
        connect(),
      ]);
      const streamHost = direct.env.ECSH_STREAM_HOST;
      const open = createOpenTransport({
        clock,
        sign: mayGoUnsigned ? unlessUnable(sign) : sign,
        agents: config.agents,
        streamHost,
        ownEndpoint: async () => ssmEndpointUrl ?? ownEndpoint(),
      });
      return open(url, listener, signal);
    },
    requireDescriptors,
    loadTransport,
  };
}

/** The real plugin connects unsigned if it cannot sign. */
function unlessUnable(sign: UpgradeSigner): UpgradeSigner {
  return async (url) => {
    try {
      return await sign(url);
    } catch (error) {
      if (error instanceof EcshError && CANNOT_SIGN.test(error.code)) return {};
      throw error;
    }
  };
}

const CANNOT_SIGN = /^(credentials-|region-|mfa-|role-)/;

async function connectAws(direct: Direct): Promise<AwsConnection> {
  const { openAwsConnection } = await import('#aws/connect.ts');
  return openAwsConnection(direct, (caBundle) => wayOut(direct, caBundle));
}

/** Undefined, and without loading code, if neither a proxy nor certificates are configured. */
async function wayOut({ env }: Direct, caBundle: string | undefined): Promise<AwsConfig['agents']> {
  if (caBundle === undefined && !namesProxy(env)) return undefined;
  const { createAgents } = await import('#network/agents.ts');
  return createAgents({ env, caBundle });
}
