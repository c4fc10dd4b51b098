import { type Fields, fleetError } from '#simulator/fleet/fleet-fields.ts';

/** A statement of an identity policy. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  /** Values by condition key in lower case. */
  readonly context: ReadonlyMap<string, readonly string[]>;
}

export interface PolicyDecision {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** Condition keys that a statement uses and the request lacks. */
  readonly missing: readonly string[];
}

type Comparison = (value: string, expected: string) => boolean;

/** Supported condition operators; a fleet file with another one is rejected. */
const OPERATORS: ReadonlyMap<string, Comparison> = new Map([
  ['StringEquals', (value, expected) => value === expected],
  ['StringNotEquals', (value, expected) => value !== expected],
  ['StringLike', matches],
  ['ArnEquals', matches],
  ['ArnLike', matches],
]);

/** Parses a statement in IAM's format. @throws EcshError `fleet-invalid` */
export function parseStatement(fields: Fields): Statement {
  const effect = fields.requiredText('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') {
    throw fleetError(`${fields.where}.Effect`, 'must be Allow or Deny');
  }
  fields.text('Sid');
  const statement: Statement = {
    effect,
    actions: oneOrMore(fields, 'Action'),
    resources: oneOrMore(fields, 'Resource'),
    conditions: parseConditions(fields.object('Condition')),
  };
  fields.finish();
  return statement;
}

function parseConditions(fields: Fields | undefined): readonly Condition[] {
  if (fields === undefined) return [];
  return Object.keys(fields.all()).flatMap((operator) => {
    if (!OPERATORS.has(operator)) throw fleetError(fields.where, `does not know ${operator}`);
    const keys = fields.object(operator);
    return Object.keys(keys?.all() ?? {}).map((key) => ({
      operator,
      key,
      values: keys === undefined ? [] : oneOrMore(keys, key),
    }));
  });
}

function oneOrMore(fields: Fields, name: string): readonly string[] {
  if (Array.isArray(fields.raw(name))) return fields.textList(name);
  return [fields.requiredText(name)];
}

/** Evaluates in IAM's order: an applicable Deny, then an applicable Allow, else an implicit deny. */
export function decide(statements: readonly Statement[], request: PolicyRequest): PolicyDecision {
  const concerned = statements.filter(
    ({ actions, resources }) =>
      actions.some((action) => matches(request.action.toLowerCase(), action.toLowerCase())) &&
      resources.some((resource) => matches(request.resource, resource)),
  );
  const applying = concerned.filter(({ conditions }) =>
    conditions.every((condition) => holds(condition, request)),
  );
  const missing = concerned
    .flatMap(({ conditions }) => conditions)
    .map(({ key }) => key)
    .filter((key) => !request.context.has(key.toLowerCase()));
  const has = (effect: string) => applying.some((statement) => statement.effect === effect);
  const decision = has('Deny') ? 'explicitDeny' : has('Allow') ? 'allowed' : 'implicitDeny';
  return { decision, missing: [...new Set(missing)] };
}

/** Whether one of the patterns covers an action. */
export function covers(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => matches(action.toLowerCase(), pattern.toLowerCase()));
}

function holds({ operator, key, values }: Condition, { context }: PolicyRequest): boolean {
  const actual = context.get(key.toLowerCase());
  const compare = OPERATORS.get(operator);
  if (actual === undefined || compare === undefined) return operator === 'StringNotEquals';
  const test = (value: string) => (expected: string) => compare(value, expected);
  return actual.some((value) =>
    operator === 'StringNotEquals' ? values.every(test(value)) : values.some(test(value)),
  );
}

/** `*` matches any text, `?` any character. */
function matches(value: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}
