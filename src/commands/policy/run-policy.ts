import type { App } from '#commands/app.ts';
import { jsonText } from '#commands/json-output.ts';
import { recallTarget } from '#commands/last-target.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { POLICIES, policyNamed } from '#domain/policy/policies.ts';
import { documentOf, type PolicyTemplate, type PolicyValues } from '#domain/policy/policy-model.ts';
import type { Reporter } from '#ui/reporter.ts';
import type { PolicyOptions } from './policy-options.ts';
import { printTaskDefinition, TASK_DEFINITION } from './task-definition.ts';
import { policyValues } from './values.ts';

/** @returns 0 */
export async function runPolicy(
  app: App,
  reporter: Reporter,
  given: PolicyOptions,
): Promise<number> {
  if (given.name === undefined) {
    app.stdout.write(given.json ? toJson(catalogue()) : listing());
    return 0;
  }
  if (given.name === TASK_DEFINITION.name) return printTaskDefinition(app, reporter, given);
  const template = policyNamed(given.name);
  const { target } = given;
  const options =
    target === undefined ? given : await recallTarget(app, reporter, { ...given, target });
  const values = await policyValues(app, reporter, template, options);
  assertTagMatters(template, values);
  reporter.notice(`For ${template.attachTo}: ${template.summary}.`);
  for (const remark of template.remarks(values)) reporter.notice(remark);
  app.stdout.write(toJson(documentOf(template, values)));
  return 0;
}

/** The policy would look narrower than it is. */
function assertTagMatters({ name }: PolicyTemplate, values: PolicyValues): void {
  const tagged = POLICIES.filter((policy) => dependsOnTag(policy, values)).map((each) => each.name);
  if (values.tag === undefined || tagged.includes(name)) return;
  const message = `The policy ${name} does not depend on tags: --tag would have no effect.`;
  throw new EcshError('usage', message, { hint: `Leave it out. It is for ${tagged.join(', ')}.` });
}

function dependsOnTag(policy: PolicyTemplate, values: PolicyValues): boolean {
  const [given, without] = [values, { ...values, tag: undefined }].map((each) =>
    toJson(documentOf(policy, each)),
  );
  return given !== without;
}

function catalogue() {
  return POLICIES.map(({ name, summary, attachTo, needs }) => ({ name, summary, attachTo, needs }));
}

function listing(): string {
  const listed = [...POLICIES, TASK_DEFINITION];
  const width = Math.max(...listed.map(({ name }) => name.length));
  return listed.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('');
}

function toJson(value: unknown): string {
  return `${jsonText(value, undefined, 2)}\n`;
}
