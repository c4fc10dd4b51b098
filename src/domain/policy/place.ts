import { EcshError } from '#domain/errors/errors.ts';
import { parseArn } from '#domain/resolve/arn.ts';
import { isFullTaskId, isName, type ParsedTarget, parseTarget } from '#domain/resolve/target.ts';

/** The place to search: everywhere, a cluster, or a target. */
export interface Place {
  /** Name or ARN. */
  readonly cluster?: string | undefined;
  /** The region in an ARN. */
  readonly region?: string | undefined;
  readonly target?: ParsedTarget | undefined;
}

/**
 * Parses `CLUSTER`, `CLUSTER/`, a cluster ARN, or a target like `parseTarget`. Unlike there, a bare word is a
 * cluster, because a listing begins with the larger unit.
 *
 * @throws EcshError `target-invalid`
 */
export function parsePlace(text: string): Place {
  const arn = parseArn(text);
  if (arn?.resource.startsWith('cluster/')) return { cluster: text, region: arn.region };
  const word = text.replace(/\/$/, '');
  if (!isFullTaskId(text) && !/[/:@]/.test(word)) {
    if (isName(word)) return { cluster: word };
    throw new EcshError('target-invalid', `"${text}" is not the name of a cluster.`, {
      hint: 'Give CLUSTER or CLUSTER/NAME, for example:  ecsh ls prod/web',
    });
  }
  const target = parseTarget(text);
  return { cluster: target.cluster, region: target.region, target };
}
