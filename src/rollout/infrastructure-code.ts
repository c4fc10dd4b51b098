import type { ServiceDetails, Tag } from '#domain/ports/ecs-responses.ts';

const STACK_TAG = 'aws:cloudformation:stack-name';

/**
 * The tool that may turn the flag off at its next run, and the line that keeps it on. Only
 * CloudFormation leaves a reliable mark; Terraform and similar tools are recognised by tags and by the creator of
 * the service.
 */
export function managedByTemplate({ tags = [], createdBy = '' }: ServiceDetails, isOn: boolean) {
  const lines = {
    cloudFormation: `EnableExecuteCommand: ${isOn}       (CloudFormation)`,
    cdk: `enableExecuteCommand: ${isOn}       (CDK)`,
    terraform: `enable_execute_command = ${isOn}    (Terraform)`,
  };
  const stack = tags.find(({ key }) => key === STACK_TAG)?.value;
  if (stack !== undefined) {
    return `CloudFormation stack ${stack} may set it back unless its template says\n${lines.cloudFormation}\n${lines.cdk}`;
  }
  if (isOfTerraform(tags, createdBy)) {
    return `Terraform may set it back unless the resource says\n${lines.terraform}`;
  }
  return `If a template manages the service, change it there too\n${Object.values(lines).join('\n')}`;
}

function isOfTerraform(tags: readonly Tag[], createdBy: string): boolean {
  const texts = [createdBy, ...tags.flatMap(({ key = '', value = '' }) => [key, value])];
  return texts.some((text) => /terraform|opentofu/i.test(text));
}
