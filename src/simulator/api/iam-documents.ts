import { EcshError } from '#domain/errors/errors.ts';
import { Fields } from '#simulator/fleet/fleet-fields.ts';
import { ApiError } from './api-error.ts';
import { parseStatement, type Statement } from './policy.ts';

/** Parses the policy of PutRolePolicy. @throws ApiError `MalformedPolicyDocument` */
export function inlineStatements(document: string): readonly Statement[] {
  return statementsOf(document).map((statement) => asMalformed(() => parseStatement(statement)));
}

/** The services that a trust policy trusts. @throws ApiError `MalformedPolicyDocument` */
export function trustedServices(document: string): readonly string[] {
  return statementsOf(document).flatMap((statement) =>
    asMalformed(() => {
      const principal = statement.object('Principal');
      const service = principal?.raw('Service');
      return typeof service === 'string' ? [service] : (principal?.textList('Service') ?? []);
    }),
  );
}

function statementsOf(document: string): readonly Fields[] {
  return asMalformed(() => {
    const fields = new Fields(JSON.parse(document), 'Policy');
    const statement = fields.raw('Statement');
    const statements = Array.isArray(statement) ? statement : [statement];
    return statements.map((one) => new Fields(one, 'Statement'));
  });
}

function asMalformed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EcshError || error instanceof SyntaxError)) throw error;
    throw new ApiError('MalformedPolicyDocument', `Syntax errors in policy: ${error.message}`);
  }
}
