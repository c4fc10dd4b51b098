import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { placeOf } from '#doctor/place.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';
import { createEndpointFix } from './endpoint-fix.ts';
import { egressFrom, endpointOf, needsOf, needsPublicIp, publicIp } from './network-view.ts';

/** Checks 58 to 60 of READINESS 1.6. */
export const SUBNET_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'subnet-owner',
    title: 'Subnet of this account',
    area: 'network',
    severity: 'info',
    meaning:
      'Routes and endpoints of a subnet are visible only to the account that owns it. A shared subnet leaves the rest of the network unknown.',
    remedy: 'Ask the owner of the VPC about its way to ssmmessages.',
    docs: DOCS.vpcEndpoints,
    run: checkOwner,
  },
  {
    id: 'egress-route',
    title: 'Way out of the subnet',
    area: 'network',
    severity: 'fail',
    meaning:
      'The exec agent opens its channel from inside the container, through a NAT gateway, an internet gateway or the like, or to an endpoint in the VPC. Without a route it needs the endpoint.',
    remedy: 'Add a NAT gateway, or an interface endpoint for ssmmessages.',
    docs: DOCS.vpcEndpoints,
    run: checkRoute,
  },
  {
    id: 'public-ip',
    title: 'Public address',
    area: 'network',
    severity: 'fail',
    meaning: 'An internet gateway lets out only what has a public address of its own.',
    remedy:
      'Start the task with assignPublicIp=ENABLED, or in a private subnet with NAT, or add an endpoint for ssmmessages.',
    docs: DOCS.networkMode,
    run: checkPublicIp,
  },
];

function checkOwner(context: DoctorContext): CheckOutcome {
  const { evidence, task } = context;
  if (task?.launchType === 'EXTERNAL') {
    const message = 'Runs on external infrastructure, whose network is up to your site.';
    return { status: 'info', message };
  }
  return judge(evidence.subnet, (subnet) => {
    if (subnet === undefined) {
      return { status: 'unknown', message: 'EC2 does not know the subnet of the task.' };
    }
    const { SubnetId: id, OwnerId: owner, VpcId: vpc } = subnet;
    const account = placeOf(context, evidence)?.account;
    const facts = { subnet: id, vpc, owner };
    if (owner === undefined || account === undefined || owner === account) {
      return pass(`Subnet ${id} is of this account.`, facts);
    }
    return {
      status: 'info',
      message: `Subnet ${id} is shared by ${owner}; its endpoints and routes are not visible here.`,
      fix: { summary: `Ask account ${owner} about the way from ${vpc} to ssmmessages.` },
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
    const subnet = knownValue(evidence.subnet)?.SubnetId ?? '';
    const judged = egressFrom(table, context);
    const facts = { subnet, routeTable: table.RouteTableId };
    if (judged.kind === 'usable') {
      const { kind, target, isUncertain } = judged.egress;
      const doubt = isUncertain ? ' Whether the internet lies behind it cannot be told here.' : '';
      return pass(`Subnet ${subnet} leads out through ${kind} ${target}.${doubt}`, {
        ...facts,
        kind,
        target,
      });
    }
    return {
      status: isEndpointMissing(context) ? 'fail' : 'warn',
      message: `Subnet ${subnet} has no usable default route: ${judged.why}.`,
      fix: {
        ...createEndpointFix('ssmmessages', context),
        summary: 'Add a NAT gateway, or an interface endpoint for ssmmessages',
      },
      evidence: { ...facts, why: judged.why },
    };
  });
}

function checkPublicIp(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  return judge(evidence.routeTable, (table) => {
    const judged = table === undefined ? undefined : egressFrom(table, context);
    if (judged?.kind !== 'usable' || !needsPublicIp(judged.egress)) {
      return skip('The subnet does not lead out through an internet gateway.');
    }
    return judge(publicIp(context), (address) => {
      if (address !== undefined) return pass(`Public address ${address}.`, { publicIp: address });
      const message = 'Task is in a public subnet without a public IP: no way out.';
      if (!isEndpointMissing(context)) return pass(`${message} It has an endpoint instead.`);
      return {
        status: 'fail',
        message,
        fix: {
          ...createEndpointFix('ssmmessages', context),
          summary:
            'Start it with assignPublicIp=ENABLED or in a private subnet with NAT, or create an interface endpoint',
        },
        evidence: { internetGateway: judged.egress.target },
      };
    });
  });
}

/** Known to be missing (check 61). */
function isEndpointMissing(context: DoctorContext): boolean {
  const { endpoints } = context.evidence;
  const [messages] = needsOf(context);
  if (endpoints.kind !== 'known' || messages === undefined) return false;
  return endpointOf(messages, endpoints.value, context) === undefined;
}
