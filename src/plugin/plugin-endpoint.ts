import type { StartedSession } from './plugin-request.ts';

/** The endpoints of a session's calls: for every service, or only for SSM. */
export interface PluginEndpoint {
  readonly endpointUrl?: string;
  readonly ssmEndpointUrl?: string;
}

/** Hosts of AWS: of a region, of every partition, and of VPC endpoints. */
const AWS_HOST =
  /\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov)$/;
/** Sessions of ecs:ExecuteCommand. */
const ECS_SESSION = 'ecs-execute-command-';

/**
 * The caller passes the endpoint that it has called. For a session of ECS that is the ECS endpoint, which
 * has neither ResumeSession nor TerminateSession: the real plugin calls it anyway, and fails (PROTOCOL
 * 1.4, O-6). An endpoint outside AWS, such as an emulator, serves everything.
 */
export function pluginEndpoint({ sessionId, endpoint }: StartedSession): PluginEndpoint {
  if (endpoint === undefined || !URL.canParse(endpoint)) return {};
  if (!AWS_HOST.test(new URL(endpoint).hostname)) return { endpointUrl: endpoint };
  return sessionId.startsWith(ECS_SESSION) ? {} : { ssmEndpointUrl: endpoint };
}
