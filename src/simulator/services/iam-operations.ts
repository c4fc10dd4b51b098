import { ApiError } from '#simulator/api/api-error.ts';
import { inlineStatements, trustedServices } from '#simulator/api/iam-documents.ts';
import { covers, decide, type PolicyRequest, type Statement } from '#simulator/api/policy.ts';
import type { QueryInput, QueryOperation } from '#simulator/api/query-input.ts';
import { type RoleStore, SERVICE_LINKED_ROLE } from '#simulator/api/roles.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';
import type { FleetRole } from '#simulator/fleet/fleet-account.ts';

const CREATED = '2025-01-01T00:00:00Z';
const MAX_ITEMS = 1_000;
const USUAL_ITEMS = 100;

interface Principal {
  /** `role_NAME` or `user_NAME`: prefix of policy ids in a response. */
  readonly label: string;
  readonly statements: readonly Statement[];
  readonly boundary: readonly string[] | undefined;
}

/** The IAM operations that read and change the permissions of both sides of a session. */
export class IamOperations {
  readonly #fleet: Fleet;
  readonly #roles: RoleStore;

  constructor(fleet: Fleet, roles: RoleStore) {
    this.#fleet = fleet;
    this.#roles = roles;
  }

  readonly operations: Readonly<Record<string, QueryOperation>> = {
    GetRole: (input) => ({ Role: this.#showRole(this.#requireRole(required(input, 'RoleName'))) }),
    GetInstanceProfile: (input) => this.#getInstanceProfile(input),
    SimulatePrincipalPolicy: (input) => this.#simulate(input),
    CreateRole: (input) => this.#createRole(input),
    CreateServiceLinkedRole: (input) => this.#createServiceLinkedRole(input),
    UpdateAssumeRolePolicy: (input) => this.#updateTrust(input),
    PutRolePolicy: (input) => this.#putRolePolicy(input),
  };

  #createRole(input: QueryInput): object {
    const name = required(input, 'RoleName');
    const trust = trustedServices(required(input, 'AssumeRolePolicyDocument'));
    if (this.#findRole(name) !== undefined) {
      throw new ApiError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
    }
    return { Role: this.#showRole(this.#roles.create(name, trust)) };
  }

  #createServiceLinkedRole(input: QueryInput): object {
    const service = required(input, 'AWSServiceName');
    if (service !== 'ecs.amazonaws.com') {
      throw new ApiError('InvalidInput', `The simulator has no role for ${service}.`);
    }
    if (this.#findRole(SERVICE_LINKED_ROLE) !== undefined) {
      throw new ApiError(
        'InvalidInput',
        `Service role name ${SERVICE_LINKED_ROLE} has been taken in this account, please try a different suffix.`,
      );
    }
    return { Role: this.#showRole(this.#roles.createServiceLinked()) };
  }

  #updateTrust(input: QueryInput): object {
    const { name } = this.#requireRole(required(input, 'RoleName'));
    this.#roles.setTrust(name, trustedServices(required(input, 'PolicyDocument')));
    return {};
  }

  #putRolePolicy(input: QueryInput): object {
    const role = this.#requireRole(required(input, 'RoleName'));
    const policy = required(input, 'PolicyName');
    const statements = inlineStatements(required(input, 'PolicyDocument'));
    this.#roles.putPolicy(role.name, policy, statements);
    return {};
  }

  /** An instance profile has the name of its role. */
  #getInstanceProfile(input: QueryInput): object {
    const name = required(input, 'InstanceProfileName');
    const role = this.#findRole(name);
    if (role === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    return {
      InstanceProfile: {
        Path: '/',
        InstanceProfileName: name,
        InstanceProfileId: 'AIPASIMULATOREXAMPLE1',
        Arn: `arn:aws:iam::${this.#fleet.account}:instance-profile/${name}`,
        CreateDate: CREATED,
        Roles: [this.#showRole(role)],
      },
    };
  }

  #simulate(input: QueryInput): object {
    const arn = required(input, 'PolicySourceArn');
    const actions = input.texts('ActionNames');
    if (actions.length === 0) throw invalidInput('ActionNames must not be empty.');
    const malformed = actions.find((action) => !/^[a-z0-9-]+:\w+$/i.test(action));
    if (malformed !== undefined) throw invalidInput(`Invalid Action: ${malformed}`);
    const resources = input.texts('ResourceArns');
    const request = {
      principal: this.#requirePrincipal(arn),
      resources: resources.length === 0 ? ['*'] : resources,
      context: contextOf(input),
    };
    const results = actions.map((action) => this.#evaluate(action, request));
    return pageOfResults(results, input);
  }

  #evaluate(action: string, { principal, resources, context }: Simulation): object {
    const single = resources.map((resource) =>
      this.#judge(principal, { action, resource, context }),
    );
    const [first] = single;
    // UNVERIFIED: a single resource has no separate results. To check, simulate one resource.
    if (single.length === 1 || first === undefined) return { EvalActionName: action, ...first };
    return {
      EvalActionName: action,
      ...first,
      ResourceSpecificResults: single.map(({ EvalDecision, ...result }) => ({
        ...result,
        EvalResourceDecision: EvalDecision,
      })),
    };
  }

  /** An organization and a boundary can only remove permissions. */
  #judge({ label, statements, boundary }: Principal, request: PolicyRequest) {
    const { organizationDeny } = this.#fleet;
    const { decision, missing } = decide(statements, request);
    const isAllowedBySCP =
      organizationDeny === undefined || !covers(organizationDeny, request.action);
    const isInBoundary = boundary === undefined || covers(boundary, request.action);
    const isTakenAway = decision === 'allowed' && !(isAllowedBySCP && isInBoundary);
    const isMatched = decision !== 'implicitDeny' && !isTakenAway;
    return {
      EvalResourceName: request.resource,
      EvalDecision: isTakenAway ? 'implicitDeny' : decision,
      MatchedStatements: isMatched
        ? [{ SourcePolicyId: `${label}_inline`, SourcePolicyType: 'IAM Policy' }]
        : [],
      MissingContextValues: missing,
      ...(organizationDeny === undefined
        ? {}
        : { OrganizationsDecisionDetail: { AllowedByOrganizations: isAllowedBySCP } }),
      ...(boundary === undefined
        ? {}
        : { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: isInBoundary } }),
    };
  }

  #requirePrincipal(arn: string): Principal {
    const { caller, account } = this.#fleet;
    const name = arn.slice(arn.lastIndexOf('/') + 1);
    if (!/^arn:aws[a-z-]*:iam::\d+:(user|role|group)\//.test(arn)) {
      throw invalidInput(
        `Invalid Entity Arn: ${arn} does not clearly define entity type and name.`,
      );
    }
    if (arn === caller.arn) return { label: `user_${name}`, ...caller };
    const role = this.#findRole(name);
    if (role === undefined || this.#roleArn(role) !== arn) {
      throw noSuchEntity(`The principal ${arn} cannot be found in account ${account}.`);
    }
    return { label: `role_${name}`, ...role };
  }

  #findRole(name: string): FleetRole | undefined {
    return this.#roles.find(name);
  }

  #requireRole(name: string): FleetRole {
    const role = this.#findRole(name);
    if (role !== undefined) return role;
    throw noSuchEntity(`The role with name ${name} cannot be found.`);
  }

  #roleArn({ path, name }: FleetRole): string {
    return `arn:aws:iam::${this.#fleet.account}:role${path}${name}`;
  }

  #showRole(role: FleetRole): object {
    const statement = role.trust.map((service) => ({
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sts:AssumeRole',
    }));
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    const boundary = `arn:aws:iam::${this.#fleet.account}:policy/${role.name}-boundary`;
    return {
      Path: role.path,
      RoleName: role.name,
      RoleId: 'AROASIMULATOREXAMPLE1',
      Arn: this.#roleArn(role),
      CreateDate: CREATED,
      AssumeRolePolicyDocument: encodeURIComponent(policy),
      MaxSessionDuration: 3600,
      ...(role.boundary === undefined
        ? {}
        : {
            PermissionsBoundary: {
              // IAM's actual answer, which differs from its model.
              PermissionsBoundaryType: 'Policy',
              PermissionsBoundaryArn: boundary,
            },
          }),
    };
  }
}

interface Simulation {
  readonly principal: Principal;
  readonly resources: readonly string[];
  readonly context: PolicyRequest['context'];
}

function contextOf(input: QueryInput): PolicyRequest['context'] {
  const entries = input.places('ContextEntries').map((place) => {
    const key = input.text(`${place}.ContextKeyName`) ?? '';
    if (input.text(`${place}.ContextKeyType`) === undefined) {
      throw invalidInput(`ContextKeyType of ${key} is missing.`);
    }
    return [key.toLowerCase(), input.texts(`${place}.ContextKeyValues`)] as const;
  });
  return new Map(entries);
}

function pageOfResults(results: readonly object[], input: QueryInput): object {
  const size = Number(input.text('MaxItems') ?? USUAL_ITEMS);
  if (!(size >= 1 && size <= MAX_ITEMS)) throw invalidInput('MaxItems must be 1 to 1000.');
  const marker = input.text('Marker');
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, 'base64').toString());
  if (!Number.isInteger(start)) throw invalidInput('Invalid Marker.');
  const end = start + size;
  const isTruncated = end < results.length;
  return {
    EvaluationResults: results.slice(start, end),
    IsTruncated: isTruncated,
    ...(isTruncated ? { Marker: Buffer.from(String(end)).toString('base64') } : {}),
  };
}

function required(input: QueryInput, name: string): string {
  const text = input.text(name);
  if (text !== undefined && text !== '') return text;
  throw new ApiError('ValidationError', `${name} must not be null.`);
}

function invalidInput(message: string): ApiError {
  return new ApiError('InvalidInput', message);
}

function noSuchEntity(message: string): ApiError {
  return new ApiError('NoSuchEntity', message, 404);
}
