import {
  type Conditions,
  clusterArn,
  isPattern,
  type OneOrMore,
  PLACE,
  type PolicyStatement,
  type PolicyTemplate,
  type PolicyValues,
  taskArnPatterns,
} from './policy-model.ts';

const none = () => [];

/**
 * IAM's variables for the caller, whose name begins the ids of StartSession's sessions: the first is in
 * AWS's sample policies (W-2), the second is the name of a user, and matches nothing for a role.
 */
// biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills them in
const OWN_NAMES = ['${aws:userid}', '${aws:username}'];

/** Policies for people who use ECS Exec, or must not use it. */
export const CALLER_POLICIES: readonly PolicyTemplate[] = [
  {
    name: 'caller',
    summary: 'run commands in the tasks of one cluster, also by tag or container',
    attachTo: 'people and CI roles',
    needs: [...PLACE, 'cluster'],
    statements: callerStatements,
    remarks: callerRemarks,
  },
  {
    name: 'caller-picker',
    summary: 'what ecsh ls, the picker and completion read',
    attachTo: 'people',
    needs: [...PLACE, 'cluster'],
    statements: (values) => [
      {
        Effect: 'Allow',
        Action: ['ecs:ListClusters', 'ecs:DescribeTaskDefinition'],
        Resource: '*',
      },
      { Effect: 'Allow', Action: ['ecs:DescribeClusters'], Resource: clusterArn(values) },
      {
        Effect: 'Allow',
        Action: [
          'ecs:ListServices',
          'ecs:ListTasks',
          'ecs:DescribeServices',
          'ecs:DescribeContainerInstances',
        ],
        Resource: '*',
        Condition: { ArnEquals: { 'ecs:cluster': clusterArn(values) } },
      },
    ],
    remarks: () => ['DescribeTasks is in the policy "caller".'],
  },
  {
    name: 'caller-kms',
    summary: 'lets people make the session key of a cluster with a KMS key',
    attachTo: 'people and CI roles',
    needs: ['kmsKey'],
    statements: ({ kmsKey }) => [
      { Effect: 'Allow', Action: ['kms:GenerateDataKey'], Resource: kmsKey },
    ],
    remarks: () => ['The key policy has to allow it too.'],
  },
  {
    name: 'caller-port-forward',
    summary: 'forward ports to tasks',
    attachTo: 'people',
    needs: [...PLACE, 'cluster'],
    statements: (values) => [
      allow('ssm:StartSession', taskArnPatterns(values), tagged('aws', values)),
      // Separate, because they carry no tag.
      allow('ssm:StartSession', [
        documentArn(values, 'AWS-StartPortForwardingSession'),
        documentArn(values, 'AWS-StartPortForwardingSessionToRemoteHost'),
      ]),
      allow('ecs:DescribeTasks', taskArnPatterns(values), tagged('ecs', values)),
      // For a service, a family or a prefix of an id as target.
      {
        Effect: 'Allow',
        Action: 'ecs:ListTasks',
        Resource: '*',
        Condition: { ArnEquals: { 'ecs:cluster': clusterArn(values) } },
      },
      ownSessions(values, OWN_NAMES),
    ],
    remarks: ({ tag }) => [
      'It is the opposite of deny-start-session: such sessions are not logged.',
      ...(tag === undefined ? [] : [WHERE_TAGS_ARE]),
      'UNVERIFIED: that the two variables cover every caller. For a role, compare the id of a session (--verbose), and if it begins otherwise, name that start.',
    ],
  },
  {
    name: 'deny-container',
    summary: 'never into these containers',
    attachTo: 'people',
    needs: ['containers'],
    statements: ({ containers }) => [
      {
        Effect: 'Deny',
        Action: ['ecs:ExecuteCommand'],
        Resource: '*',
        Condition: equals('ecs:container-name', containers),
      },
    ],
    remarks: () => [
      'A neighbour container of the same task has the same task role, and with a shared PID namespace or volumes the same processes and files.',
    ],
  },
  {
    name: 'deny-start-session',
    summary: 'no unlogged sessions by ssm:StartSession',
    attachTo: 'people',
    needs: [...PLACE, 'cluster'],
    needsWithTag: ['partition'],
    statements: (values) => [
      values.tag === undefined
        ? {
            Effect: 'Deny',
            Action: 'ssm:StartSession',
            Resource: [
              taskArnPatterns(values),
              `arn:${values.partition}:ecs:${values.region}:${values.account}:cluster/*`,
            ],
          }
        : {
            Effect: 'Deny',
            Action: 'ssm:StartSession',
            Resource: `arn:${values.partition}:ecs:*:*:task/*`,
            Condition: tagged('aws', values),
          },
    ],
    remarks: () => [
      'ECS Exec keeps working: ECS starts its sessions with its own service-linked role.',
    ],
  },
  {
    name: 'only-disabled-launches',
    summary: 'may launch tasks and services only with ECS Exec off',
    attachTo: 'people and deployment roles',
    needs: [],
    statements: () => [launches('Allow', 'false')],
    remarks: () => ['An Allow elsewhere defeats it; deny-enabling is the stricter twin.'],
  },
  {
    name: 'deny-enabling',
    summary: 'must not launch tasks and services with ECS Exec on',
    attachTo: 'people and deployment roles',
    needs: [],
    statements: () => [launches('Deny', 'true')],
    remarks: none,
  },
];

/** ExecuteCommand is authorised against the cluster and against the task. */
function callerStatements(values: PolicyValues): readonly PolicyStatement[] {
  const { tag, tagScope, containers, partition, region, account } = values;
  const byTag = tag === undefined ? {} : tagged('ecs', values);
  const byContainer = containers.length === 0 ? {} : equals('ecs:container-name', containers);
  const isClusterTagged = tag !== undefined && tagScope === 'both';
  const cluster = isClusterTagged
    ? `arn:${partition}:ecs:${region}:${account}:cluster/*`
    : clusterArn(values);
  return [
    allow('ecs:ExecuteCommand', cluster, isClusterTagged ? byTag : {}, byContainer),
    allow('ecs:ExecuteCommand', taskArnPatterns(values), byTag, byContainer),
    // Separate, because its request names no container.
    allow('ecs:DescribeTasks', taskArnPatterns(values), byTag),
    ...(values.sessionControl ? [allExecSessions(values)] : []),
  ];
}

const SESSION_ACTIONS = [
  'ssmmessages:OpenDataChannel',
  'ssm:ResumeSession',
  'ssm:TerminateSession',
];

/** Sessions of StartSession, which are named after their caller: to connect (W-2), resume and end them. */
function ownSessions(
  { partition, region, account }: PolicyValues,
  names: readonly string[],
): PolicyStatement {
  const arns = names.map((name) => `arn:${partition}:ssm:${region}:${account}:session/${name}-*`);
  return {
    Sid: 'OwnSessions',
    Effect: 'Allow',
    Action: SESSION_ACTIONS,
    Resource: oneOrMore(arns),
  };
}

/**
 * The ids of ECS Exec sessions do not contain their caller's name, so a policy cannot distinguish them. They open
 * without these permissions (W-2), which only resuming after a lost connection and ending a session need.
 */
function allExecSessions({ partition, region, account }: PolicyValues): PolicyStatement {
  const Resource = `arn:${partition}:ssm:${region}:${account}:session/ecs-execute-command-*`;
  return { Sid: 'AllExecSessions', Effect: 'Allow', Action: SESSION_ACTIONS, Resource };
}

function callerRemarks({ tag, tagScope, sessionControl }: PolicyValues): readonly string[] {
  const sessions = sessionControl
    ? [
        "AllExecSessions reaches other people's sessions, also in other clusters: it can take over and end each of them.",
        'UNVERIFIED: that the sessions of ECS Exec have ids that begin with ecs-execute-command- in every region; look at one with --verbose.',
      ]
    : [
        'A lost connection is not resumed, and a session is not ended at once. --with-session-control adds those permissions, for the sessions of everybody.',
      ];
  if (tag === undefined) return sessions;
  const both =
    'The cluster has to carry the tag as well; with --tag-scope task only the tasks need it.';
  return [...sessions, WHERE_TAGS_ARE, ...(tagScope === 'both' ? [both] : [])];
}

const WHERE_TAGS_ARE =
  'Tasks carry tags only through propagateTags of their service, or tags given to RunTask.';

/** Joins conditions of one operator: all of them must hold. */
function allow(
  action: string,
  resource: OneOrMore,
  ...conditions: readonly Conditions[]
): PolicyStatement {
  const statement = { Effect: 'Allow', Action: action, Resource: resource } as const;
  const joined: Record<string, Conditions[string]> = {};
  for (const [operator, keys] of conditions.flatMap((condition) => Object.entries(condition))) {
    joined[operator] = { ...joined[operator], ...keys };
  }
  return Object.keys(joined).length === 0 ? statement : { ...statement, Condition: joined };
}

function tagged(service: 'aws' | 'ecs', { tag }: PolicyValues): Conditions {
  return tag === undefined ? {} : equals(`${service}:ResourceTag/${tag.key}`, [tag.value]);
}

/** StringEquals treats `*` literally: a Deny with it would deny nothing. */
function equals(key: string, values: readonly string[]): Conditions {
  const operator = values.some(isPattern) ? 'StringLike' : 'StringEquals';
  return { [operator]: { [key]: oneOrMore(values) } };
}

/** `ecs:enable-execute-command` belongs to these four actions. */
function launches(effect: 'Allow' | 'Deny', isEnabled: 'true' | 'false'): PolicyStatement {
  return {
    Effect: effect,
    Action: ['ecs:RunTask', 'ecs:StartTask', 'ecs:CreateService', 'ecs:UpdateService'],
    Resource: '*',
    Condition: { StringEquals: { 'ecs:enable-execute-command': isEnabled } },
  };
}

function documentArn({ partition, region }: PolicyValues, name: string): string {
  return `arn:${partition}:ssm:${region}::document/${name}`;
}

function oneOrMore(items: readonly string[]): string | readonly string[] {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : items;
}
