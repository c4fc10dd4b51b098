/** STS and IAM responses that `ecsh doctor` reads, in the names of the API. */

export interface CallerIdentity {
  readonly Account?: string | undefined;
  readonly Arn?: string | undefined;
}

export interface RoleDetails {
  readonly Arn?: string | undefined;
  readonly RoleName?: string | undefined;
  /** JSON, URL-encoded as IAM sends it. */
  readonly AssumeRolePolicyDocument?: string | undefined;
  readonly PermissionsBoundary?:
    | { readonly PermissionsBoundaryArn?: string | undefined }
    | undefined;
}

export interface SimulationRequest {
  readonly PolicySourceArn: string;
  readonly ActionNames: readonly string[];
  readonly ResourceArns: readonly string[];
  readonly ContextEntries: readonly {
    readonly ContextKeyName: string;
    readonly ContextKeyValues: readonly string[];
    readonly ContextKeyType: 'string';
  }[];
}

/** One of `EvaluationResults[]`. */
export interface Evaluation {
  readonly EvalActionName?: string | undefined;
  readonly EvalResourceName?: string | undefined;
  readonly EvalDecision?: string | undefined;
  readonly MatchedStatements?:
    | readonly {
        readonly SourcePolicyId?: string | undefined;
        readonly SourcePolicyType?: string | undefined;
      }[]
    | undefined;
  readonly MissingContextValues?: readonly string[] | undefined;
  readonly OrganizationsDecisionDetail?:
    | { readonly AllowedByOrganizations?: boolean | undefined }
    | undefined;
  readonly PermissionsBoundaryDecisionDetail?:
    | { readonly AllowedByPermissionsBoundary?: boolean | undefined }
    | undefined;
  readonly ResourceSpecificResults?:
    | readonly {
        readonly EvalResourceName?: string | undefined;
        readonly EvalResourceDecision?: string | undefined;
        readonly MatchedStatements?: Evaluation['MatchedStatements'];
        readonly MissingContextValues?: readonly string[] | undefined;
        readonly PermissionsBoundaryDecisionDetail?:
          | { readonly AllowedByPermissionsBoundary?: boolean | undefined }
          | undefined;
      }[]
    | undefined;
}
