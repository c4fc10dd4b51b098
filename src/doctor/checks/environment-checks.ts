import type { DoctorCheck } from '#doctor/check-model.ts';
import { type CheckOutcome, pass, skip } from '#domain/readiness/readiness-model.ts';
import { containerEnvironment, type DefinitionContext, forDefinition } from './definition.ts';
import { DOCS } from './docs.ts';
import { containerPath, reviseFix } from './revision.ts';

/** Variables that change which credentials and proxy the exec agent uses. Their values are never part of a message or of evidence. */
export const ENVIRONMENT_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'env-static-credentials',
    title: 'No static credentials',
    area: 'setup',
    severity: 'warn',
    meaning:
      'SSM agents before 3.1.1260 take AWS keys from the environment in place of the task role; and whoever can enter the container sees them.',
    remedy:
      'Remove the variables and use the task role. If they must stay, their identity needs the ssmmessages actions of `ecsh policy task-role`.',
    docs: DOCS.taskRole,
    run: forDefinition(checkStaticCredentials),
  },
  {
    id: 'env-credential-override',
    title: 'Nothing redirects the credentials',
    area: 'setup',
    severity: 'warn',
    meaning:
      'Variables that move the credential endpoints of the AWS SDK move them for the exec agent too.',
    remedy: 'Remove the variables from the container definition.',
    docs: DOCS.taskRole,
    run: forDefinition(checkCredentialOverride),
  },
  {
    id: 'env-proxy',
    title: 'Proxy leaves the credentials alone',
    area: 'setup',
    severity: 'warn',
    meaning:
      'The exec agent inherits the proxy variables. Without 169.254.170.2 and 169.254.169.254 in NO_PROXY it asks the proxy for the credentials of the task role.',
    remedy:
      'Set NO_PROXY=169.254.170.2,169.254.169.254 (and .amazonaws.com with VPC endpoints); the proxy must allow WebSocket connections to ssmmessages.',
    docs: DOCS.exec,
    run: forDefinition(checkProxy),
  },
];

const STATIC_CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_ACCESS_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SESSION_TOKEN',
];

const CREDENTIAL_OVERRIDES = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_EC2_METADATA_DISABLED',
];

const CREDENTIAL_ADDRESSES = ['169.254.170.2', '169.254.169.254'];

function checkStaticCredentials(context: DefinitionContext): CheckOutcome {
  const variables = [...containerEnvironment(context).keys()].filter((variable) =>
    STATIC_CREDENTIALS.includes(variable),
  );
  const { name } = context.container;
  if (variables.length === 0) {
    return pass(`${name} sets no AWS keys.${unseen(context)}`, { variables });
  }
  return {
    status: 'warn',
    message: `${name} sets ${variables.join(', ')}. SSM agents before 3.1.1260 use these in place of the task role, and anyone who can enter ${name} sees them.`,
    fix: reviseFix('Remove them and use the task role.', context, removal(name, variables)),
    evidence: { variables },
  };
}

function checkCredentialOverride(context: DefinitionContext): CheckOutcome {
  const variables = [...containerEnvironment(context)]
    .filter(([variable, value]) => redirects(variable, value))
    .map(([variable]) => variable);
  const { name } = context.container;
  if (variables.length === 0) {
    return pass(`${name} redirects no credentials.${unseen(context)}`, { variables });
  }
  return {
    status: 'warn',
    message: `${name} sets ${variables.join(', ')}, which changes how the exec agent finds the task role.${unseen(context)}`,
    fix: reviseFix('Remove that.', context, removal(name, variables)),
    evidence: { variables },
  };
}

function redirects(variable: string, value: string | undefined): boolean {
  if (variable === 'AWS_EC2_METADATA_DISABLED') return value?.toLowerCase() !== 'false';
  // The agent does not read AWS_ENDPOINT_URL, because it uses version 1 of the AWS SDK for Go.
  return CREDENTIAL_OVERRIDES.includes(variable);
}

function unseen({ definition: { environmentFiles = [] } }: DefinitionContext): string {
  if (environmentFiles.length === 0) return '';
  return ' Its environment files cannot be looked into.';
}

function checkProxy(context: DefinitionContext): CheckOutcome {
  const environment = containerEnvironment(context);
  // An empty value does not count, so an override can turn the proxy off.
  const proxies = [...environment].flatMap(([variable, value]) =>
    /^https?_proxy$/i.test(variable) && value !== '' ? [variable] : [],
  );
  const { name } = context.container;
  if (proxies.length === 0) return skip(`${name} sets no proxy.`);
  const exceptions = [...environment].filter(([variable]) => /^no_proxy$/i.test(variable));
  const evidence = { variables: [...proxies, ...exceptions.map(([variable]) => variable)] };
  if (exceptions.some(([, value]) => value === undefined)) {
    const message = `${name} takes NO_PROXY from a secret, which cannot be looked into.`;
    return { status: 'unknown', message, evidence };
  }
  const hosts = exceptions.flatMap(([, value = '']) => value.split(',').map((host) => host.trim()));
  const missing = CREDENTIAL_ADDRESSES.filter((address) => !isExcepted(address, hosts));
  if (missing.length === 0) return pass('The proxy leaves the credentials alone.', evidence);
  const value = [...new Set([...hosts, ...missing])].filter((host) => host !== '').join(',');
  return {
    status: 'warn',
    message: `The exec agent inherits ${proxies.join(', ')} of ${name}. Without ${missing.join(' and ')} in NO_PROXY it asks your proxy for the credentials of the task role. The proxy must also allow WebSocket connections to ssmmessages.`,
    fix: reviseFix(
      'Except the credential endpoints from the proxy (.amazonaws.com too, with VPC endpoints).',
      context,
      setting(name, value),
    ),
    evidence,
  };
}

/** Follows Go's rules for NO_PROXY, like the agent: `*`, an address, or a network (httpproxy). */
function isExcepted(address: string, hosts: readonly string[]): boolean {
  return hosts.some((host) => host === '*' || host === address || host === '169.254.0.0/16');
}

function removal(container: string, variables: readonly string[]): string {
  const others = `((. // []) | map(select(.name | IN(${JSON.stringify(variables)}[]) | not)))`;
  const path = containerPath(container);
  return `${path}.environment |= ${others} | ${path}.secrets |= ${others}`;
}

function setting(container: string, value: string): string {
  const variable = JSON.stringify({ name: 'NO_PROXY', value });
  const isOther = 'select(.name | ascii_downcase != "no_proxy")';
  return `${containerPath(container)}.environment |= (map(${isOther}) + [${variable}])`;
}
