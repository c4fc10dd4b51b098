import { EcshError } from '#domain/errors/errors.ts';
import { suggestNames } from '#domain/resolve/suggestion.ts';
import { CALLER_POLICIES } from './caller-policies.ts';
import { OPERATION_POLICIES } from './operation-policies.ts';
import type { PolicyTemplate } from './policy-model.ts';
import { RUN_POLICIES } from './run-policies.ts';
import { TASK_ROLE_POLICIES } from './task-role-policies.ts';
import { TOOL_POLICIES } from './tool-policies.ts';

/** Every policy template, in the order in which `ecsh policy` lists them. */
export const POLICIES: readonly PolicyTemplate[] = [
  ...TASK_ROLE_POLICIES,
  ...CALLER_POLICIES,
  ...TOOL_POLICIES,
  ...RUN_POLICIES,
  ...OPERATION_POLICIES,
];

/** @throws EcshError `policy-unknown` */
export function policyNamed(name: string): PolicyTemplate {
  const template = POLICIES.find((policy) => policy.name === name);
  if (template !== undefined) return template;
  const [near] = suggestNames(
    name,
    POLICIES.map((policy) => policy.name),
  );
  throw new EcshError('policy-unknown', `There is no policy "${name}".`, {
    hint: near === undefined ? 'List them:  ecsh policy' : `Did you mean  ecsh policy ${near}  ?`,
    exitCode: 2,
  });
}
