import type { CheckDescription, DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { loggingFound } from '#doctor/logging-found.ts';
import { type EndpointService, isInterface } from '#doctor/rules/endpoints.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';
import { createEndpointFix, vpcOf } from './endpoint-fix.ts';
import { endpointOf, internetPath, type Need, needsOf, type UsedEndpoint } from './network-view.ts';

/** Checks 61 to 65 of READINESS 1.6. */
export const ENDPOINT_CHECKS: readonly DoctorCheck[] = [
  missing('ssmmessages', {
    id: 'vpce-ssmmessages',
    title: 'Endpoint for Session Manager',
    meaning:
      'Without an internet path, or where the VPC talks to AWS through interface endpoints, the agent needs one for ssmmessages. ECS Exec needs neither ssm nor ec2messages.',
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
  {
    id: 'vpce-usable',
    title: 'Endpoints work',
    area: 'network',
    severity: 'fail',
    meaning:
      'An endpoint serves only when it is available, has private DNS on, and its policy allows the actions of the agent.',
    remedy: 'Accept or recreate the endpoint, turn private DNS on, or widen its policy.',
    docs: DOCS.vpcEndpoints,
    run: checkUsable,
  },
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
      return pass(`Endpoint ${id} serves ${service}.`, { endpoint: id });
    }
    return judge(internetPath(context), (path) => {
      const fix = createEndpointFix(service, context);
      const facts = { service, path };
      if (path === 'no') {
        const status = need.isRequired ? 'fail' : 'warn';
        return { status, message: withoutPath(need, context), fix, evidence: facts };
      }
      const isPrivate = endpoints.some(isInterface);
      // Logs that go out by the internet are fine (checks 63, 64: only without an internet path).
      if (!isPrivate || service === 'logs' || service === 's3') {
        return skip(
          path === 'yes'
            ? `Not needed: ${service} is reached by the internet.`
            : `Not needed if ${service} is reached by the default route, which cannot be told.`,
        );
      }
      const message = `No ${service} endpoint in ${vpcOf(context)}, where other interface endpoints are in use.${onlyMessages(service)}`;
      return { status: 'warn', message, fix, evidence: facts };
    });
  });
}

function notNeeded(service: EndpointService, { evidence, container }: DoctorContext): CheckOutcome {
  if (service === 'kms') {
    return judge(evidence.cluster, () => skip('The cluster has no session key.'));
  }
  return judge(loggingFound(evidence, container), () => skip('Sessions are not logged there.'));
}

function withoutPath({ service, isRequired }: Need, context: DoctorContext): string {
  const vpc = vpcOf(context);
  const { evidence, container } = context;
  const { logGroup, bucket } = knownValue(loggingFound(evidence, container)) ?? {};
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

function checkUsable(context: DoctorContext): CheckOutcome {
  return judge(context.evidence.endpoints, (endpoints) => {
    const used = needsOf(context).flatMap((need) => endpointOf(need, endpoints, context) ?? []);
    if (used.length === 0) return skip('No endpoint that the agent would use.');
    const faulty = used.filter(({ faults }) => faults.length > 0);
    const ids = used.map(({ endpoint }) => endpoint.VpcEndpointId);
    if (faulty.length === 0) return pass('The endpoints work.', { endpoints: ids });
    const fatal = faulty.filter(isFatal);
    const facts = faulty.map(({ endpoint, service, faults }) => ({
      endpoint: endpoint.VpcEndpointId,
      service,
      faults: faults.map(({ text }) => text),
    }));
    return {
      status: fatal.length > 0 ? 'fail' : 'warn',
      message: `${[...fatal, ...faulty.filter((found) => !isFatal(found))].map(sentence).join('. ')}.`,
      fix: repairFix(fatal[0] ?? faulty[0], context),
      evidence: { endpoints: facts },
    };
  });
}

/** A policy may have reasons that nobody sees from here, so it is never more than a warning. */
function isFatal({ isRequired, faults }: UsedEndpoint): boolean {
  return isRequired && faults.some(({ kind }) => kind !== 'policy');
}

function sentence({ endpoint, service, faults }: UsedEndpoint): string {
  return `Endpoint ${endpoint.VpcEndpointId} for ${service} ${faults.map(({ text }) => text).join(' and ')}`;
}

function repairFix(
  broken: UsedEndpoint | undefined,
  { flags }: DoctorContext,
): CheckFix | undefined {
  const id = broken?.endpoint.VpcEndpointId;
  const [fault] = broken?.faults ?? [];
  if (id === undefined || fault === undefined) return undefined;
  const modify = ['ec2', 'modify-vpc-endpoint', '--vpc-endpoint-id', id];
  switch (fault.kind) {
    case 'state':
      return {
        summary: 'Look what it waits for, and accept or recreate it',
        command: awsCommand(['ec2', 'describe-vpc-endpoints', '--vpc-endpoint-ids', id], flags),
      };
    case 'dns':
      return {
        summary: 'Turn private DNS on',
        command: awsCommand([...modify, '--private-dns-enabled'], flags),
      };
    case 'policy':
      return {
        summary: 'Widen its policy; this one lets everything through',
        command: awsCommand([...modify, '--reset-policy'], flags),
      };
  }
}
