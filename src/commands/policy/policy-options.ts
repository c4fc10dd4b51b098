import type { SharedOptions } from '#commands/shared-options.ts';
import type { PolicyValues } from '#domain/policy/policy-model.ts';

export interface PolicyOptions extends SharedOptions {
  /** Without one, the templates are listed. */
  readonly name: string | undefined;
  readonly target: string | undefined;
  readonly account?: string | undefined;
  readonly partition?: string | undefined;
  readonly tag?: PolicyValues['tag'];
  readonly tagScope: PolicyValues['tagScope'];
  readonly logGroup?: string | undefined;
  readonly bucket?: string | undefined;
  readonly prefix?: string | undefined;
  readonly kmsKey?: string | undefined;
  readonly bucketKmsKey?: string | undefined;
  readonly bucketAccount?: string | undefined;
  readonly role?: readonly string[] | undefined;
  readonly family?: string | undefined;
  readonly withSessionControl?: true | undefined;
  readonly allRegions?: true | undefined;
}
