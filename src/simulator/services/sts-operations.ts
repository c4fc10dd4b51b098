import type { QueryOperation } from '#simulator/api/query-input.ts';
import type { Fleet } from '#simulator/fleet/fleet.ts';

/** GetCallerIdentity. */
export function stsOperations({ account, caller }: Fleet): Record<string, QueryOperation> {
  return {
    GetCallerIdentity: () => ({
      Arn: caller.arn,
      UserId: 'AIDASIMULATOREXAMPLE1',
      Account: account,
    }),
  };
}
