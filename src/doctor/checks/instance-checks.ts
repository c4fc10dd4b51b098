import {
  type DoctorCheck,
  forTask,
  isAgentRunning,
  type TaskContext,
} from '#doctor/check-model.ts';
import { judge, knownValue } from '#doctor/finding.ts';
import { isIpv6Only } from '#doctor/task-network.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import type { ContainerInstanceDetails } from '#domain/ports/ecs-responses.ts';
import { type CheckFix, type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { isFargate, isOlder, listSiblings } from '#domain/readiness/task-checks.ts';
import { nameInArn } from '#domain/resolve/arn.ts';
import { execAgent } from '#domain/resolve/candidates.ts';
import {
  forTaskDefinition,
  instanceAttribute,
  runsWindows,
  type TaskDefinitionContext,
} from './definition.ts';
import { DOCS } from './docs.ts';
import { MESSAGES, servicePath } from './network-view.ts';

/** The container instance of a task on EC2. */
export const INSTANCE_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'agent-version',
    title: 'ECS agent is new enough',
    area: 'setup',
    severity: 'fail',
    meaning:
      'The ECS agent of an instance starts the exec agent: from 1.50.2 on, on Windows from 1.56.0, with IPv6 only from 1.98.0.',
    remedy: 'Update the ECS agent, or use a newer ECS-optimized AMI.',
    docs: DOCS.agentUpdate,
    run: onInstance(checkAgentVersion),
  },
  {
    id: 'instance-ami',
    title: 'Machine image',
    area: 'setup',
    severity: 'info',
    meaning:
      'ECS-optimized images and Bottlerocket from 2021-01-20 on hold the exec agent; other images need it installed, on an operating system that Systems Manager supports.',
    remedy: 'Use a current ECS-optimized AMI.',
    docs: DOCS.optimizedAmi,
    run: onInstance(checkImage),
  },
  {
    id: 'agent-connected',
    title: 'Instance is connected',
    area: 'setup',
    severity: 'fail',
    meaning: 'ECS reaches an instance through its ECS agent.',
    remedy:
      "Restart the ECS agent (sudo systemctl restart ecs); check the instance's network and role.",
    docs: DOCS.agentUpdate,
    run: onInstance(checkConnected),
  },
  {
    id: 'instance-status',
    title: 'Instance is not draining',
    area: 'setup',
    severity: 'warn',
    meaning:
      'ECS moves the tasks of a draining instance elsewhere, and a session ends with its task.',
    remedy: 'Choose a task on another instance.',
    run: onInstance(checkStatus),
  },
  {
    id: 'network-mode',
    title: 'Network mode',
    area: 'setup',
    severity: 'info',
    meaning:
      'On EC2 a task without awsvpc uses the subnet, the routes and the security groups of its instance. AWS recommends awsvpc.',
    remedy: 'Use awsvpc with an endpoint for ssmmessages, or a NAT route for the instance subnet.',
    docs: DOCS.networkMode,
    run: forTaskDefinition(checkNetworkMode, noInstance),
  },
];

function onInstance(
  run: (instance: ContainerInstanceDetails, context: TaskContext) => CheckOutcome,
): DoctorCheck['run'] {
  return forTask((context) => {
    if (isFargate(context.task)) return skip('Fargate.');
    return judge(context.evidence.containerInstance, (instance) =>
      instance === undefined
        ? { status: 'unknown', message: 'ECS does not know the container instance any more.' }
        : run(instance, context),
    );
  });
}

function nameOf({ ec2InstanceId, containerInstanceArn = '' }: ContainerInstanceDetails): string {
  return ec2InstanceId ?? nameInArn(containerInstanceArn);
}

function checkAgentVersion(instance: ContainerInstanceDetails, context: TaskContext): CheckOutcome {
  // ECS updates the agents of these instances.
  if (context.task.launchType === 'MANAGED_INSTANCES') return skip('ECS manages the instance.');
  const { agentVersion } = instance.versionInfo ?? {};
  if (agentVersion === undefined) {
    return {
      status: 'unknown',
      message: `${nameOf(instance)} does not say which ECS agent it has.`,
    };
  }
  const required = requiredVersion(context);
  const evidence = { agentVersion, required };
  if (!isOlder(agentVersion, required)) return pass(`ECS agent ${agentVersion}.`, evidence);
  return {
    // A running exec agent proves that the version is not the cause.
    status: isAgentRunning(context) ? 'info' : 'fail',
    message: `ECS agent ${agentVersion} on ${nameOf(instance)} is older than ${required}, which ECS Exec needs.`,
    fix: updateFix(instance, context),
    evidence,
  };
}

function requiredVersion(context: TaskContext): string {
  if (isIpv6Only(context.task)) return '1.98.0';
  return runsWindows(context) ? '1.56.0' : '1.50.2';
}

function updateFix(instance: ContainerInstanceDetails, context: TaskContext): CheckFix {
  const { task, cluster, flags } = context;
  // UpdateContainerAgent supports only ECS-optimized Amazon Linux (ECS API).
  if (runsWindows(context) || task.launchType === 'EXTERNAL') {
    return { summary: 'Update the ECS agent on the machine, or use a newer ECS-optimized AMI.' };
  }
  const id = nameInArn(instance.containerInstanceArn ?? '');
  const words = ['ecs', 'update-container-agent', '--cluster', cluster];
  return {
    summary: 'Update it, or use a newer ECS-optimized AMI. Then replace the task.',
    command: awsCommand([...words, '--container-instance', id], flags),
  };
}

/** Images created before this day lack the exec agent. */
const FIRST_IMAGES = '2021-01-20';

function checkImage(instance: ContainerInstanceDetails, context: TaskContext): CheckOutcome {
  const { launchType } = context.task;
  if (launchType === 'EXTERNAL') return skip('Not on EC2.');
  if (launchType === 'MANAGED_INSTANCES') return skip('ECS manages the instance.');
  const id = instanceAttribute(context, 'ecs.ami-id');
  if (id === undefined) {
    return { status: 'unknown', message: `${nameOf(instance)} does not say which AMI it runs.` };
  }
  if (isAgentRunning(context)) return pass(`AMI ${id} holds the exec agent.`, { imageId: id });
  const { Name: name, CreationDate: created } = knownValue(context.evidence.image) ?? {};
  const evidence = { imageId: id, name, created };
  const isOld = created !== undefined && created.slice(0, 10) < FIRST_IMAGES;
  const isKnown =
    name !== undefined && /ecs[-_]optimized|amazon-ecs|ami-ecs|bottlerocket/i.test(name);
  if (isKnown && !isOld) return pass(`AMI ${id} (${name}).`, evidence);
  const called = name === undefined ? '' : ` (${name})`;
  const isUnsupported = UNSUPPORTED_SYSTEMS.test(name ?? '');
  const why = [
    ...(isOld ? [`It is from ${created.slice(0, 10)}, before images held the exec agent.`] : []),
    ...(isUnsupported ? ['Systems Manager does not support its operating system.'] : []),
  ];
  const isCause = why.length > 0 && hasNoAgent(context);
  const reason =
    why.length > 0 ? why : ['Images that are not ECS-optimized need the exec agent installed.'];
  return {
    status: isCause ? 'fail' : 'info',
    message: `${nameOf(instance)} runs AMI ${id}${called}. ${reason.join(' ')}`,
    fix: {
      summary: isCause
        ? 'Move the service to instances with a current ECS-optimized AMI.'
        : 'Use a current ECS-optimized AMI, if the exec agent is missing.',
    },
    evidence: { ...evidence, lacksAgent: why.length > 0 },
  };
}

/** Operating systems without a Systems Manager agent, as image names spell them. */
const UNSUPPORTED_SYSTEMS = /flatcar|coreos|fedora|alpine|arch-?linux|gentoo|nixos|kali|freebsd/i;

/** ECS did not add an exec agent, or did not find one on the instance. */
function hasNoAgent({ resultOf, container }: TaskContext): boolean {
  if (resultOf('exec-agent-present')?.status === 'fail') return true;
  const reason = container === undefined ? undefined : execAgent(container)?.reason;
  return /Initialization failed/i.test(reason ?? '');
}

function checkConnected(instance: ContainerInstanceDetails): CheckOutcome {
  const { agentConnected } = instance;
  const evidence = { agentConnected };
  if (agentConnected !== false) return pass(`${nameOf(instance)} is connected.`, evidence);
  return {
    status: 'fail',
    message: `The ECS agent on ${nameOf(instance)} is disconnected.`,
    fix: {
      summary:
        'Restart it on the instance (sudo systemctl restart ecs), and check the network and the role of the instance.',
    },
    evidence,
  };
}

function checkStatus(instance: ContainerInstanceDetails, context: TaskContext): CheckOutcome {
  const { status } = instance;
  const evidence = { status };
  if (status !== 'DRAINING') return pass(`${nameOf(instance)} is ${status}.`, evidence);
  const { task, cluster, flags } = context;
  return {
    status: 'warn',
    message: `${nameOf(instance)} is draining; the task will be moved and a session cut.`,
    fix: { summary: 'Choose a task elsewhere', command: listSiblings(task, cluster, flags) },
    evidence,
  };
}

function noInstance({ task }: TaskContext): string | undefined {
  if (isFargate(task)) return 'Fargate.';
  return task.launchType === 'EXTERNAL' ? 'Not on EC2.' : undefined;
}

function checkNetworkMode(context: TaskDefinitionContext): CheckOutcome {
  const { networkMode } = context.taskDefinition;
  const facts = { networkMode };
  if (networkMode === 'awsvpc') return pass('The task has an interface of its own.', facts);
  const path = knownValue(servicePath(MESSAGES, context));
  const isCutOff = path?.kind === 'internet' && knownValue(path.internetPath) === 'no';
  const route = isCutOff ? ', which has no way out' : '';
  return {
    status: isCutOff ? 'warn' : 'info',
    message: `Network mode ${networkMode ?? 'default'}: the exec agent uses the subnet, the route and the security groups of the instance${route}.`,
    fix: { summary: 'AWS recommends awsvpc; else give the subnet of the instance a NAT route.' },
    evidence: facts,
  };
}
