import type { DoctorCheck, DoctorContext } from '#doctor/check-model.ts';
import { clusterHome } from '#doctor/cluster-home.ts';
import { type Finding, judge, known, knownValue } from '#doctor/finding.ts';
import { type Decision, reasonOf } from '#doctor/rules/simulation.ts';
import { sessionKeyArn } from '#doctor/session-key.ts';
import { awsCommand } from '#domain/errors/aws-command.ts';
import { type CheckOutcome, pass } from '#domain/readiness/readiness-model.ts';
import { DOCS } from './docs.ts';
import { judgeKeyUse } from './key-rights.ts';
import { callerFix } from './policy-fix.ts';
import { decisionEvidence, judgeRights } from './rights.ts';

/** The identity of the caller, and the permissions that ECS Exec needs from it. */
export const CALLER_CHECKS: readonly DoctorCheck[] = [
  {
    id: 'caller-identity',
    title: 'Your identity',
    area: 'permissions',
    severity: 'fail',
    meaning: 'Your credentials work and belong to the account of the cluster.',
    remedy: 'Choose a profile of that account with --profile.',
    run: checkIdentity,
  },
  {
    id: 'caller-execute-command',
    title: 'You may run commands',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'You may call ecs:DescribeTasks, and ecs:ExecuteCommand on both the cluster and the task, which IAM checks separately. Conditions on tags and container names are taken into account.',
    remedy: 'Attach the policy of `ecsh policy caller -C CLUSTER` to your user or role.',
    docs: DOCS.exec,
    run: checkExecuteCommand,
  },
  {
    id: 'caller-kms-generate-data-key',
    title: 'You may use the session key',
    area: 'permissions',
    severity: 'fail',
    meaning:
      'With a KMS key on the cluster, you need kms:GenerateDataKey on it. The key policy can grant it too, so a denial by IAM alone is only a warning.',
    remedy: 'Attach the policy of `ecsh policy caller-kms`, or grant it in the key policy.',
    docs: DOCS.exec,
    run: checkKey,
  },
  {
    id: 'caller-start-session',
    title: 'No unlogged sessions',
    area: 'permissions',
    severity: 'warn',
    meaning:
      'Sessions opened with ssm:StartSession are not logged, and count toward the session limit. Denying it does not affect ECS Exec; port forwarding needs it.',
    remedy: 'Attach the policy of `ecsh policy deny-start-session` to people who forward no ports.',
    docs: DOCS.exec,
    run: checkStartSession,
  },
];

const ATTACH = 'Attach this policy to your user or role';

function checkIdentity(context: DoctorContext): CheckOutcome {
  const { evidence, flags } = context;
  return judge(evidence.caller, ({ Account: account, Arn: arn }) => {
    const clusterAccount = clusterHome(context, evidence)?.account;
    const facts = { arn, account, clusterAccount };
    if (clusterAccount === undefined || account === clusterAccount) {
      return pass(`You are ${arn} in account ${account}.`, facts);
    }
    return {
      status: 'fail',
      message: `You are ${arn} in account ${account}; the cluster is in account ${clusterAccount}.`,
      fix: {
        summary: `Choose a profile of account ${clusterAccount} with --profile; list yours`,
        command: awsCommand(['configure', 'list-profiles'], { endpointUrl: flags?.endpointUrl }),
      },
      evidence: facts,
    };
  });
}

function checkExecuteCommand(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  const who = knownValue(evidence.callerPrincipal) ?? '';
  const onTask = decisionsAbout(evidence.callerOnTask, (action) => action !== 'ssm:StartSession');
  return judgeRights([evidence.callerOnCluster, onTask], {
    allowed: (facts) =>
      pass('You may call ecs:ExecuteCommand on the cluster and on the task.', facts),
    denied: (denied) => ({
      status: 'fail',
      message: `${who}: ${denied.map(describe).join('; ')}.`,
      fix: callerFix(context, 'caller', ATTACH, denied),
      evidence: { principal: who, ...decisionEvidence(denied) },
    }),
  });
}

function checkKey(context: DoctorContext): CheckOutcome {
  const { evidence } = context;
  const principal = knownValue(evidence.callerPrincipal) ?? '';
  const key = knownValue(sessionKeyArn(evidence)) ?? '';
  return judgeKeyUse(evidence, {
    use: { principal, action: 'kms:GenerateDataKey' },
    rights: evidence.callerOnKey,
    facts: { principal },
    allowed: `You may generate data keys with ${key}.`,
    allowedByKey: `The policy of ${key} lets you generate data keys.`,
    denied: (because) => `Your identity cannot create the session data key with ${key}${because}.`,
    fix: (denied) => callerFix(context, 'caller-kms', ATTACH, denied),
  });
}

function checkStartSession(context: DoctorContext): CheckOutcome {
  const rights = decisionsAbout(
    context.evidence.callerOnTask,
    (action) => action === 'ssm:StartSession',
  );
  return judgeRights([rights], {
    denied: (denied) => pass('You may not open unlogged sessions.', decisionEvidence(denied)),
    allowed: (facts) => ({
      status: 'warn',
      message: 'You can open unlogged sessions with ssm:StartSession. Port forwarding needs it.',
      fix: callerFix(context, 'deny-start-session', `Unless you forward ports: ${ATTACH}`),
      evidence: facts,
      isAdvice: true,
    }),
  });
}

function decisionsAbout(
  rights: Finding<readonly Decision[]>,
  isWanted: (action: string) => boolean,
): Finding<readonly Decision[]> {
  if (rights.kind !== 'known') return rights;
  return known(rights.value.filter(({ action }) => isWanted(action)));
}

function describe(decision: Decision): string {
  return `${decision.action} on ${decision.resource} is ${reasonOf(decision)}`;
}
