import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { type Finding, judge, knownValue } from '#doctor/finding.ts';
import type { EgressJudgement } from '#doctor/rules/egress.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { isFargate } from '#domain/readiness/task-checks.ts';
import { DOCS } from './docs.ts';
import { createEndpointFix } from './endpoint-fix.ts';
import {
  doubtOf,
  egressFrom,
  MESSAGES,
  needsPublicIp,
  publicIp,
  type ServicePath,
  servicePath,
} from './network-view.ts';

/** The subnet of the task: its owner, its default route, and a public address. */
export const SUBNET_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'subnet-owner',
    title: 'Subnet of this account',
    area: 'network',
    severity: 'info',
    meaning:
      'Only the account that owns a subnet can see its routes and endpoints. In a shared subnet, the rest of the network is unknown.',
    remedy: 'Ask the owner of the VPC how the subnet reaches ssmmessages.',
    docs: DOCS.vpcEndpoints,
    run: checkOwner,
  },
  {
    id: 'egress-route',
    title: 'Route out of the subnet',
    area: 'network',
    severity: 'fail',
    meaning:
      'The exec agent opens its channel from inside the container: through a gateway, such as NAT, or to an endpoint in the VPC. With a working endpoint for ssmmessages, it needs no route. Networks beyond a transit gateway, Cloud WAN or VPC peering are not visible, so they never fail this check.',
    remedy: 'Add a NAT gateway, or an interface endpoint for ssmmessages.',
    docs: DOCS.vpcEndpoints,
    run: checkRoute,
  },
  {
    id: 'public-ip',
    title: 'Public address',
    area: 'network',
    severity: 'fail',
    meaning:
      'Through an internet gateway, only a task with a public address of its own reaches the internet.',
    remedy:
      'Start the task in a private subnet with NAT, on Fargate with assignPublicIp=ENABLED, or add an endpoint for ssmmessages.',
    docs: DOCS.networkMode,
    run: checkPublicIp,
  },
];

function checkOwner(context: DoctorContext): CheckOutcome {
  const { evidence, task } = context;
  if (task?.launchType === 'EXTERNAL') {
    const message = 'The task runs on external infrastructure, whose network AWS does not manage.';
    return { status: 'info', message };
  }
  return judge(evidence.subnet, (subnet) => {
    if (subnet === undefined) {
      return { status: 'unknown', message: 'EC2 does not know the subnet of the task.' };
    }
    const { SubnetId: id, OwnerId: owner, VpcId: vpc } = subnet;
    const account = clusterHome(context, evidence)?.account;
    const facts = { subnet: id, vpc, owner };
    if (owner === undefined || account === undefined || owner === account) {
      return pass(`Subnet ${id} belongs to this account.`, facts);
    }
    return {
      status: 'info',
      message: `Subnet ${id} is shared by ${owner}; its endpoints and routes are not visible here.`,
      fix: { summary: `Ask account ${owner} how ${vpc} reaches ssmmessages.` },
      evidence: facts,
    };
  });
}

function checkRoute(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  return judge(evidence.routeTable, (table) => {
    if (table === undefined) {
      return { status: 'unknown', message: 'EC2 does not know the route table of the subnet.' };
    }
    const subnet = knownValue(evidence.vpc)?.subnetId ?? '';
    const judged = egressFrom(table, context);
    const facts = { subnet, routeTable: table.RouteTableId };
    const caveat = judged.kind === 'usable' ? doubtOf(judged.egress, context) : undefined;
    if (judged.kind === 'usable' && caveat === undefined) {
      const { kind, target, isUncertain } = judged.egress;
      const unseen = isUncertain ? ' Whether it leads to the internet cannot be seen here.' : '';
      const message = `Subnet ${subnet} sends outbound traffic through ${kind} ${target}.${unseen}`;
      return pass(message, { ...facts, kind, target });
    }
    const path = servicePath(MESSAGES, context);
    if (path.kind === 'known' && path.value.kind === 'endpoint') {
      const id = path.value.used.endpoint.VpcEndpointId;
      const message = `Subnet ${subnet} has no default route and needs none: endpoint ${id} serves ssmmessages.`;
      return pass(message, { ...facts, endpoint: id });
    }
    return {
      ...withoutRoute(judged, { subnet, path, caveat }),
      fix: {
        ...createEndpointFix('ssmmessages', context),
        summary: 'Add a NAT gateway, or an interface endpoint for ssmmessages',
      },
      evidence: { ...facts, ...judged },
    };
  });
}

interface RouteContext {
  readonly subnet: string;
  readonly path: Finding<ServicePath>;
  /** Why a usable route may be insufficient. */
  readonly caveat: string | undefined;
}

function withoutRoute(
  judged: EgressJudgement,
  { subnet, path, caveat = '' }: RouteContext,
): CheckOutcome {
  if (judged.kind === 'usable') {
    const { kind, target } = judged.egress;
    const message = `Subnet ${subnet} sends outbound traffic through ${kind} ${target} ${caveat}.`;
    return { status: 'warn', message };
  }
  if (judged.kind === 'private') {
    const { kind, target } = judged.egress;
    const message = `Subnet ${subnet} has no default route, only one to ${judged.blocks.join(', ')} through ${kind} ${target}. Whether ssmmessages is reachable there, as in a hub VPC, cannot be seen from here.`;
    return { status: 'warn', message };
  }
  const isMissing = path.kind === 'known' && path.value.kind === 'internet' && !path.value.idle;
  const message = `Subnet ${subnet} has no usable default route: ${judged.why}.`;
  return { status: isMissing ? 'fail' : 'warn', message };
}

function checkPublicIp(context: DoctorContext): CheckOutcome {
  const { evidence, task } = context;
  return judge(evidence.routeTable, (table) => {
    const judged = table === undefined ? undefined : egressFrom(table, context);
    if (judged?.kind !== 'usable' || !needsPublicIp(judged.egress)) {
      return skip('The subnet sends no traffic through an internet gateway.');
    }
    const gateway = judged.egress.target;
    return judge(publicIp(context), (address) => {
      if (address !== undefined) return pass(`Public address ${address}.`, { publicIp: address });
      return judge(servicePath(MESSAGES, context), (path) => {
        if (path.kind === 'endpoint') {
          const id = path.used.endpoint.VpcEndpointId;
          return pass(
            `The task has no public IP and needs none: endpoint ${id} serves ssmmessages.`,
          );
        }
        return {
          status: 'fail',
          message:
            'The task is in a public subnet without a public IP, so it cannot reach the internet.',
          fix: {
            ...createEndpointFix('ssmmessages', context),
            // On EC2, ECS rejects assignPublicIp.
            summary:
              task !== undefined && isFargate(task)
                ? 'Start it with assignPublicIp=ENABLED or in a private subnet with NAT, or create an interface endpoint'
                : 'Start it in a private subnet with NAT, or create an interface endpoint',
          },
          evidence: { internetGateway: gateway },
        };
      });
    });
  });
}
