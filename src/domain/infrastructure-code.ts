import type { ServiceDetails, Tag } from './doctor-ports.ts';

const STACK_TAG = 'aws:cloudformation:stack-name';

/**
 * Who may turn the flag back at the next run, and the line that keeps it (READINESS 4.1). Only
 * CloudFormation leaves a reliable mark; Terraform and the like are told by tags and by who created
 * the service.
 */
export function managedByTemplate({ tags = [], createdBy = '' }: ServiceDetails, isOn: boolean) {
  const stack = tags.find(({ key }) => key === STACK_TAG)?.value;
  if (stack !== undefined) {
    return `CloudFormation stack ${stack} may set it back: put EnableExecuteCommand: ${isOn} into the template (CDK: enableExecuteCommand: ${isOn}).`;
  }
  if (isOfTerraform(tags, createdBy)) {
    return `Terraform may set it back: put enable_execute_command = ${isOn} into the resource.`;
  }
  return `Where a template describes the service, change it there too: CloudFormation EnableExecuteCommand: ${isOn}, Terraform enable_execute_command = ${isOn}, CDK enableExecuteCommand: ${isOn}.`;
}

function isOfTerraform(tags: readonly Tag[], createdBy: string): boolean {
  const texts = [createdBy, ...tags.flatMap(({ key = '', value = '' }) => [key, value])];
  return texts.some((text) => /terraform|opentofu/i.test(text));
}
