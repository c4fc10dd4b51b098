/** A policy attached to a resource, such as a trust policy, a key policy or an endpoint policy. */
export type ResourcePolicy = readonly Statement[];

interface Statement {
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  /** `Service: ecs-tasks.amazonaws.com` as `['Service', 'ecs-tasks.amazonaws.com']`. */
  readonly principals: readonly (readonly [type: string, value: string])[];
  readonly notPrincipals: readonly (readonly [type: string, value: string])[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface ResourceRequest {
  readonly action: string;
  /** Without it, the policy's resources are ignored, as in trust and key policies. */
  readonly resource?: string | undefined;
  readonly isPrincipal: (type: string, value: string) => boolean;
  /** Values of condition keys, by their names in lower case. */
  readonly context: Readonly<Record<string, string>>;
}

export interface PolicyJudgement {
  /** `depends`: on condition keys that we cannot know. `none`: nothing allows it. */
  readonly verdict: 'allowed' | 'denied' | 'depends' | 'none';
  /** The condition keys that decided against it, or that it depends on. */
  readonly keys: readonly string[];
}

/** Parses a policy from JSON, URL-encoded or not; undefined if it is invalid. */
export function parsePolicy(text: string): ResourcePolicy | undefined {
  const json = parseJson(text);
  return json === undefined ? undefined : listOf(Reflect.get(json, 'Statement')).map(toStatement);
}

function parseJson(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(
      text.trimStart().startsWith('{') ? text : decodeURIComponent(text),
    );
    return Object(json);
  } catch {
    return undefined;
  }
}

/** Adds a statement to the policy, as JSON; undefined if the policy is unreadable. */
export function withStatement(text: string, statement: object): object | undefined {
  const json = parseJson(text);
  if (json === undefined) return undefined;
  return { ...json, Statement: [...listOf(Reflect.get(json, 'Statement')), statement] };
}

/** Whether the policy denies something, which an additional Allow cannot override. */
export function hasDeny(text: string): boolean {
  return parsePolicy(text)?.some(({ isAllow }) => !isAllow) ?? false;
}

/** All principals that the policy allows something, as it names them. */
export function allowedPrincipals(policy: ResourcePolicy): readonly string[] {
  const names = policy
    .filter(({ isAllow }) => isAllow)
    .flatMap(({ principals }) => principals.map(([, value]) => value));
  return [...new Set(names)];
}

/** Evaluates in IAM's order: an applicable Deny wins, then an applicable Allow. */
export function judgePolicy(policy: ResourcePolicy, request: ResourceRequest): PolicyJudgement {
  const applying = policy
    .filter((statement) => concerns(statement, request))
    .map(({ isAllow, conditions }) => ({
      isAllow,
      ...judgeConditions(conditions, request.context),
    }));
  const keysOf = (isAllow: boolean, holds: boolean | undefined) => [
    ...new Set(
      applying.flatMap((found) =>
        found.isAllow === isAllow && found.holds === holds ? found.keys : [],
      ),
    ),
  ];
  const has = (isAllow: boolean, holds: boolean | undefined) =>
    applying.some((found) => found.isAllow === isAllow && found.holds === holds);
  if (has(false, true)) return { verdict: 'denied', keys: keysOf(false, true) };
  if (has(false, undefined)) return { verdict: 'depends', keys: keysOf(false, undefined) };
  if (has(true, true)) return { verdict: 'allowed', keys: [] };
  if (has(true, undefined)) return { verdict: 'depends', keys: keysOf(true, undefined) };
  return { verdict: 'none', keys: keysOf(true, false) };
}

/** `*` and `?` as in IAM. */
export function matchesPattern(pattern: string, text: string, flags = ''): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, flags).test(text);
}

function concerns(
  statement: Statement,
  { action, resource, isPrincipal }: ResourceRequest,
): boolean {
  const { actions, notActions, resources, principals, notPrincipals } = statement;
  const covers = (patterns: readonly string[]) =>
    patterns.some((pattern) => matchesPattern(pattern, action, 'i'));
  if (!(notActions.length > 0 ? !covers(notActions) : covers(actions))) return false;
  const names = ([type, value]: readonly [string, string]) =>
    value === '*' || isPrincipal(type, value);
  const isNamed = notPrincipals.length > 0 ? !notPrincipals.some(names) : principals.some(names);
  if (!isNamed) return false;
  return resource === undefined || resources.some((pattern) => matchesPattern(pattern, resource));
}

interface ConditionJudgement {
  readonly holds: boolean | undefined;
  readonly keys: readonly string[];
}

function judgeConditions(
  conditions: readonly Condition[],
  context: ResourceRequest['context'],
): ConditionJudgement {
  const judged = conditions.map((condition) => ({
    key: condition.key,
    holds: conditionHolds(condition, context),
  }));
  const keysWith = (holds: boolean | undefined) =>
    judged.filter((found) => found.holds === holds).map(({ key }) => key);
  if (judged.some(({ holds }) => holds === false)) return { holds: false, keys: keysWith(false) };
  const open = keysWith(undefined);
  return open.length > 0 ? { holds: undefined, keys: open } : { holds: true, keys: keysWith(true) };
}

const COMPARISONS: Readonly<Record<string, (pattern: string, text: string) => boolean>> = {
  stringequals: (pattern, text) => pattern === text,
  stringequalsignorecase: (pattern, text) => pattern.toLowerCase() === text.toLowerCase(),
  stringlike: (pattern, text) => matchesPattern(pattern, text),
  arnequals: (pattern, text) => matchesPattern(pattern, text),
  arnlike: (pattern, text) => matchesPattern(pattern, text),
  bool: (pattern, text) => pattern.toLowerCase() === text,
};

/** Undefined if the key or the operator is unknown. */
function conditionHolds(
  { operator, key, values }: Condition,
  context: ResourceRequest['context'],
): boolean | undefined {
  const name = operator
    .toLowerCase()
    .replace(/^for(?:any|all)values:/, '')
    .replace(/ifexists$/, '');
  const isNegated = /^(?:string|arn)not/.test(name);
  const compare = COMPARISONS[name.replace(/^(string|arn)not/, '$1')];
  const text = context[key.toLowerCase()];
  // Null tests whether the request lacks the key (IAM user guide). For an unknown key, the result is unknown.
  if (name === 'null') return text === undefined ? undefined : values.includes('false');
  if (compare === undefined || text === undefined) return undefined;
  return values.some((value) => compare(value, text)) !== isNegated;
}

function toStatement(json: unknown): Statement {
  const get = (name: string): unknown => Reflect.get(Object(json), name);
  return {
    isAllow: get('Effect') === 'Allow',
    actions: textsOf(get('Action')),
    notActions: textsOf(get('NotAction')),
    resources: textsOf(get('Resource')),
    principals: toPrincipals(get('Principal')),
    notPrincipals: toPrincipals(get('NotPrincipal')),
    conditions: toConditions(get('Condition')),
  };
}

function toPrincipals(json: unknown): Statement['principals'] {
  if (typeof json === 'string') return [['*', json]];
  return Object.entries(Object(json)).flatMap(([type, values]) =>
    textsOf(values).map((value) => [type, value] as const),
  );
}

function toConditions(json: unknown): readonly Condition[] {
  return Object.entries(Object(json)).flatMap(([operator, keys]) =>
    Object.entries(Object(keys)).map(([key, values]) => ({
      operator,
      key,
      values: textsOf(values),
    })),
  );
}

function textsOf(json: unknown): readonly string[] {
  return listOf(json).map(String);
}

/** A policy can omit the brackets of a list with one element. */
function listOf(json: unknown): readonly unknown[] {
  if (json === undefined) return [];
  return Array.isArray(json) ? json : [json];
}
