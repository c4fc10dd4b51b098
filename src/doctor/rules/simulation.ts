import type { Evaluation, SimulationRequest } from '#domain/ports/iam-responses.ts';

/** The decision of IAM's simulator about one action on one resource. */
export interface Decision {
  readonly action: string;
  readonly resource: string;
  /** `depends`: IAM could not decide, because the request lacked the context keys in `missingKeys`. */
  readonly verdict: 'allowed' | 'denied' | 'depends';
  readonly isExplicit: boolean;
  /** Denied by the permissions boundary. */
  readonly byBoundary: boolean;
  /** Denied by a policy of the organization. */
  readonly byOrganization: boolean;
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
  readonly missingKeys: readonly string[];
}

/**
 * Returns one decision for each action and resource that IAM answered. A top-level `EvalResourceName` may be a
 * template, so a result that names the resource exactly has priority.
 */
export function decisionsOf(
  evaluations: readonly Evaluation[],
  actions: readonly string[],
  resources: readonly string[],
): readonly Decision[] {
  return actions.flatMap((action) => {
    const about = evaluations.filter(({ EvalActionName }) => EvalActionName === action);
    return resources.flatMap((resource) => decisionOn(about, action, resource, resources.length));
  });
}

/** Whether a policy of the resource cannot lift the denial. It can supply a missing Allow, but not lift a Deny. */
export function isFinal({ isExplicit, byBoundary, byOrganization }: Decision): boolean {
  return isExplicit || byBoundary || byOrganization;
}

/** The decision with its source: `implicitDeny (no policy allows it)`, `explicitDeny (policy user_dev_deny)`. */
export function reasonOf(decision: Decision): string {
  if (decision.verdict === 'depends') return `depends on ${decision.missingKeys.join(', ')}`;
  if (decision.verdict === 'allowed') return 'allowed';
  const sources = [
    decision.byOrganization ? 'blocked by a service control policy' : undefined,
    decision.byBoundary ? 'blocked by the permissions boundary' : undefined,
    decision.policies.length > 0 ? `policy ${decision.policies.join(', ')}` : undefined,
  ].filter((source) => source !== undefined);
  const why = sources.length > 0 ? sources.join('; ') : 'no policy allows it';
  return `${decision.isExplicit ? 'explicitDeny' : 'implicitDeny'} (${why})`;
}

export interface ContextSource {
  readonly clusterArn?: string | undefined;
  readonly taskArn?: string | undefined;
  readonly containerName?: string | undefined;
  readonly region?: string | undefined;
  /** Tags of the resource that the action is simulated on. */
  readonly tags: readonly {
    readonly key?: string | undefined;
    readonly value?: string | undefined;
  }[];
}

/** The condition keys of ecs:ExecuteCommand, as ECS would fill them in. */
export function contextEntries(source: ContextSource): SimulationRequest['ContextEntries'] {
  const { clusterArn, taskArn, containerName, region, tags } = source;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['ecs:cluster', clusterArn],
    ['ecs:task', taskArn],
    ['ecs:container-name', containerName],
    ['aws:RequestedRegion', region],
    ...tags.flatMap(({ key, value = '' }) => [
      [`aws:ResourceTag/${key}`, key === undefined ? undefined : value] as const,
      [`ecs:ResourceTag/${key}`, key === undefined ? undefined : value] as const,
    ]),
  ];
  return pairs.flatMap(([ContextKeyName, value]) =>
    value === undefined
      ? []
      : [{ ContextKeyName, ContextKeyValues: [value], ContextKeyType: 'string' as const }],
  );
}

type Specific = NonNullable<Evaluation['ResourceSpecificResults']>[number];

function decisionOn(
  evaluations: readonly Evaluation[],
  action: string,
  resource: string,
  resourceCount: number,
): readonly Decision[] {
  const specifics = evaluations.flatMap((evaluation) =>
    (evaluation.ResourceSpecificResults ?? []).map((result) => ({ evaluation, result })),
  );
  const specific =
    specifics.find(({ result }) => result.EvalResourceName === resource) ??
    (resourceCount === 1 && specifics.length === 1 ? specifics[0] : undefined);
  const general =
    evaluations.find(({ EvalResourceName }) => EvalResourceName === resource) ??
    (resourceCount === 1 ? evaluations[0] : undefined);
  const evaluation = specific?.evaluation ?? general;
  if (evaluation === undefined) return [];
  return [{ action, resource, ...judgementOf(evaluation, specific?.result) }];
}

function judgementOf(
  evaluation: Evaluation,
  specific: Specific | undefined,
): Omit<Decision, 'action' | 'resource'> {
  const word = specific?.EvalResourceDecision ?? evaluation.EvalDecision;
  const isAllowed = sameWord(word, 'allowed');
  const missingKeys = specific?.MissingContextValues ?? evaluation.MissingContextValues ?? [];
  const boundary =
    specific?.PermissionsBoundaryDecisionDetail ?? evaluation.PermissionsBoundaryDecisionDetail;
  const organization = evaluation.OrganizationsDecisionDetail;
  const statements = specific?.MatchedStatements ?? evaluation.MatchedStatements ?? [];
  const policies = statements.flatMap(({ SourcePolicyId: id }) => (id === undefined ? [] : [id]));
  return {
    verdict: isAllowed ? 'allowed' : missingKeys.length > 0 ? 'depends' : 'denied',
    isExplicit: sameWord(word, 'explicitDeny'),
    byBoundary: !isAllowed && boundary?.AllowedByPermissionsBoundary === false,
    byOrganization: !isAllowed && organization?.AllowedByOrganizations === false,
    policies: [...new Set(policies)],
    missingKeys,
  };
}

/** Compares letters without case, because responses do not always spell a decision as the API model does. */
function sameWord(text: string | undefined, word: string): boolean {
  return (text ?? '').replaceAll(/[^a-z]/gi, '').toLowerCase() === word.toLowerCase();
}
