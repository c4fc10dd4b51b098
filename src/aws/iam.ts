import {
  GetInstanceProfileCommand,
  GetRoleCommand,
  IAMClient,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import type { IamApi } from '#domain/ports/doctor-ports.ts';
import { answered } from './call/answered.ts';
import { withCheckedAnswers } from './call/checked-answers.ts';
import type { AwsConfig } from './call/config.ts';
import type { AwsIdentity } from './call/identity.ts';
import { allPages } from './call/pages.ts';
import { createAccess, unlessMissing } from './call/service-access.ts';

/** The API declares `NoSuchEntityException`; its answers carry `NoSuchEntity`. */
const MISSING = ['NoSuchEntityException', 'NoSuchEntity'];

/** `IamApi` over the AWS SDK. */
export function createIam(config: AwsConfig, identity: AwsIdentity): IamApi {
  const { settings, call } = createAccess(config, identity);
  const client = withCheckedAnswers(new IAMClient(settings));
  return {
    async getRole(name) {
      const command = new GetRoleCommand({ RoleName: name });
      const answer = await call('iam:GetRole', () =>
        unlessMissing(MISSING, () => client.send(command)),
      );
      return answer && answered('GetRole', answer.Role);
    },
    async instanceProfileRoles(name) {
      const command = new GetInstanceProfileCommand({ InstanceProfileName: name });
      const answer = await call('iam:GetInstanceProfile', () =>
        unlessMissing(MISSING, () => client.send(command)),
      );
      if (answer === undefined) return [];
      const { Roles = [] } = answered('GetInstanceProfile', answer.InstanceProfile);
      return Roles.flatMap(({ Arn }) => Arn ?? []);
    },
    simulate: ({ PolicySourceArn, ActionNames, ResourceArns, ContextEntries }) =>
      call('iam:SimulatePrincipalPolicy', () =>
        allPages(async (marker) => {
          const command = new SimulatePrincipalPolicyCommand({
            PolicySourceArn,
            ActionNames: [...ActionNames],
            ResourceArns: [...ResourceArns],
            ContextEntries: ContextEntries.map((entry) => ({
              ...entry,
              ContextKeyValues: [...entry.ContextKeyValues],
            })),
            Marker: marker,
          });
          const answer = await client.send(command);
          return { items: answer.EvaluationResults, nextToken: answer.Marker };
        }),
      ),
  };
}
