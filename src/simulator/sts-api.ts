import type { Fleet } from './fleet.ts';
import type { QueryOperation } from './query-input.ts';

/** The STS operation that says who the caller is. */
export function stsOperations({ account, caller }: Fleet): Record<string, QueryOperation> {
  return {
    GetCallerIdentity: () => ({
      Arn: caller.arn,
      UserId: 'AIDASIMULATOREXAMPLE1',
      Account: account,
    }),
  };
}
