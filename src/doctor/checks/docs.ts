const GUIDE = 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide';

/** AWS documentation pages. */
export const DOCS = {
  exec: `${GUIDE}/ecs-exec.html`,
  taskDefinition: `${GUIDE}/task_definition_parameters.html`,
  taskRole: `${GUIDE}/task-iam-roles.html`,
  restartPolicy: `${GUIDE}/container-restart-policy.html`,
  agentUpdate: `${GUIDE}/ecs-agent-update.html`,
  optimizedAmi: `${GUIDE}/ecs-optimized_AMI.html`,
  networkMode: `${GUIDE}/task-networking.html`,
  vpcEndpoints: `${GUIDE}/vpc-endpoints.html`,
  networkAcls: 'https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html',
  deployments: `${GUIDE}/deployment-type-ecs.html`,
} as const;
