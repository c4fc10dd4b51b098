import type { CheckDescription, DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { containerLogging } from '#doctor/container-logging.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { type EndpointService, servesEcs } from '#doctor/rules/endpoints.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';
import { createEndpointFix, vpcOf } from './endpoint-fix.ts';
import { ENDPOINT_USE_CHECK } from './endpoint-use-check.ts';
import {
  egressFrom,
  egressName,
  endpointOf,
  internetPath,
  type Need,
  needsOf,
} from './network-view.ts';

/** The VPC endpoints that the exec agent needs without an internet route. */
export const ENDPOINT_CHECKS: readonly DoctorCheck[] = [
  missing('ssmmessages', {
    id: 'vpce-ssmmessages',
    title: 'Endpoint for Session Manager',
    meaning:
      'Without a route to the internet the agent needs an endpoint for ssmmessages. AWS recommends one wherever endpoints for ECS are in use. ECS Exec needs neither ssm nor ec2messages.',
    remedy: 'Create an interface endpoint for ssmmessages with private DNS in the VPC of the task.',
  }),
  missing('kms', {
    id: 'vpce-kms',
    title: 'Endpoint for KMS',
    meaning: 'With a KMS key on the cluster, the agent decrypts the data key by calling KMS.',
    remedy: 'Create an interface endpoint for kms with private DNS.',
  }),
  missing('logs', {
    id: 'vpce-logs',
    title: 'Endpoint for CloudWatch Logs',
    meaning:
      'The agent writes session logs to CloudWatch Logs. Without a path they are lost; with encryption required, sessions are refused.',
    remedy: 'Create an interface endpoint for logs with private DNS.',
  }),
  missing('s3', {
    id: 'vpce-s3',
    title: 'Endpoint for S3',
    meaning:
      'The agent puts session logs into S3. A gateway endpoint has to be in the route table of the subnet. Without a path logs are lost; with encryption required, sessions are refused.',
    remedy: 'Create a gateway endpoint for s3 in the route table of the subnet.',
  }),
  ENDPOINT_USE_CHECK,
];

function missing(
  service: EndpointService,
  description: Pick<CheckDescription, 'id' | 'title' | 'meaning' | 'remedy'>,
): DoctorCheck {
  return {
    ...description,
    area: 'network',
    severity: 'fail',
    docs: DOCS.vpcEndpoints,
    run: (context) => checkPresent(service, context),
  };
}

function checkPresent(service: EndpointService, context: DoctorContext): CheckOutcome {
  const need = needsOf(context).find((candidate) => candidate.service === service);
  if (need === undefined) return notNeeded(service, context);
  return judge(context.evidence.endpoints, (endpoints) => {
    const used = endpointOf(need, endpoints, context);
    if (used !== undefined) {
      const id = used.endpoint.VpcEndpointId;
      return used.isInUse
        ? pass(`Endpoint ${id} serves ${service}.`, { endpoint: id })
        : pass(`Endpoint ${id} for ${service} is there, but not in use.`, { endpoint: id });
    }
    return absent(need, endpoints.some(servesEcs), context);
  });
}

/** There is no endpoint. `isAdvised`: AWS's guide recommends one because the VPC has endpoints for ECS. */
function absent(need: Need, isAdvised: boolean, context: DoctorContext): CheckOutcome {
  const { service, isRequired } = need;
  const fix = createEndpointFix(service, context);
  const path = internetPath(context);
  // Logs can leave through the internet.
  const isWarned = isAdvised && (service === 'ssmmessages' || service === 'kms');
  const advice = `No ${service} endpoint in ${vpcOf(context)}, where endpoints for ECS are in use.`;
  if (path.kind !== 'known') {
    if (!isWarned) return judge(path, () => skip(''));
    const message = `${advice} Without a route to the internet the agent needs one, and the routes are not visible here.`;
    return { status: 'warn', message, fix, evidence: { service } };
  }
  const evidence = { service, path: path.value };
  const through = egressName(context) ?? 'the default route';
  switch (path.value) {
    case 'no': {
      const status = isRequired ? 'fail' : 'warn';
      return { status, message: withoutPath(need, context), fix, evidence };
    }
    case 'unsure': {
      const message = `${isWarned ? advice : `No ${service} endpoint in ${vpcOf(context)}.`} Whether ${service} is reachable through ${through} cannot be seen from here.`;
      const isWorthWarning = isWarned || (isRequired && hasNoDefaultRoute(context));
      return isWorthWarning ? { status: 'warn', message, fix, evidence } : skip(message);
    }
    case 'yes': {
      const message = `Not needed: ${service} is reached through ${through}.`;
      if (!isWarned) return skip(message);
      const guide = `${advice} AWS recommends one; the agent reaches ${service} through ${through} all the same.`;
      return { status: 'warn', message: guide, fix, evidence, isAdvice: true };
    }
  }
}

function hasNoDefaultRoute(context: DoctorContext): boolean {
  const table = knownValue(context.evidence.routeTable);
  return table !== undefined && egressFrom(table, context).kind === 'private';
}

function notNeeded(service: EndpointService, { evidence, container }: DoctorContext): CheckOutcome {
  if (service === 'kms') {
    return judge(evidence.cluster, () => skip('The cluster has no session key.'));
  }
  return judge(containerLogging(evidence, container), () => skip('Sessions are not logged there.'));
}

function withoutPath({ service, isRequired }: Need, context: DoctorContext): string {
  const vpc = vpcOf(context);
  const { evidence, container } = context;
  const { logGroup, bucket } = knownValue(containerLogging(evidence, container)) ?? {};
  const refused = isRequired ? ', and because encryption is required sessions are refused' : '';
  switch (service) {
    case 'ssmmessages':
      return `No ssmmessages endpoint in ${vpc} and no internet route.${onlyMessages(service)}`;
    case 'kms': {
      const key = knownValue(evidence.key)?.Arn ?? 'a KMS key';
      return `Sessions use key ${key}, but ${vpc} has no KMS endpoint and no internet route: the agent cannot decrypt the data key.`;
    }
    case 'logs':
      return `${vpc} has no path to CloudWatch Logs: session logs to ${logGroup?.name} are lost${refused}.`;
    case 's3':
      return `${vpc} has no path to S3: session logs to ${bucket?.name} are lost${refused}.`;
  }
}

function onlyMessages(service: EndpointService): string {
  return service === 'ssmmessages'
    ? ' Only ssmmessages is needed for ECS Exec; ssm and ec2messages are not.'
    : '';
}
