import { describe, expect, it } from 'vitest';
import { createAsk, judge, known, notAsked } from '#doctor/finding.ts';
import { EcshError } from '#domain/errors/errors.ts';
import type { ErrorCode } from '#domain/errors/table/error-table.ts';
import { pass } from '#domain/readiness/readiness-model.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';

const failing = (code: ErrorCode) => async () => {
  throw new EcshError(code, 'AWS says no.');
};

describe('Ask', () => {
  it('returns the answer of the call', async () => {
    const ask = createAsk(new ManualClock());
    expect(await ask('ecs:DescribeClusters', async () => 'answer')).toEqual(known('answer'));
  });

  it('names the permission that a denied call lacks', async () => {
    const ask = createAsk(new ManualClock());
    expect(await ask('iam:GetRole', failing('access-denied'))).toEqual({
      kind: 'unknown',
      reason: 'Not checked: you lack permission for iam:GetRole.',
      permission: 'iam:GetRole',
    });
  });

  it('repeats the message and code of any other failure', async () => {
    const ask = createAsk(new ManualClock());
    expect(await ask('iam:GetRole', failing('throttled'))).toEqual({
      kind: 'unknown',
      reason: 'AWS says no.',
      code: 'throttled',
    });
  });

  it('waits five seconds for an answer', async () => {
    const clock = new ManualClock();
    const answer = createAsk(clock)('ec2:DescribeSubnets', () => new Promise(() => {}));
    await clock.advance(5_000);
    expect(await answer).toEqual({
      kind: 'unknown',
      reason: 'No answer to ec2:DescribeSubnets within 5 s.',
    });
  });

  it('waits only one second for later answers once a call has timed out', async () => {
    const clock = new ManualClock();
    const ask = createAsk(clock);
    const first = ask('ec2:DescribeSubnets', () => new Promise(() => {}));
    const meanwhile = ask('iam:GetRole', () => new Promise(() => {}));
    await clock.advance(5_000);
    expect([(await first).kind, (await meanwhile).kind]).toEqual(['unknown', 'unknown']);
    const next = ask('kms:DescribeKey', () => new Promise(() => {}));
    await clock.advance(1_000);
    expect(await next).toEqual({
      kind: 'unknown',
      reason: 'No answer to kms:DescribeKey within 1 s.',
    });
    expect(await ask('kms:DescribeKey', async () => 'there')).toEqual(known('there'));
  });

  it('rethrows an error that is not an EcshError', async () => {
    const ask = createAsk(new ManualClock());
    const bug = async () => {
      throw new TypeError('undefined is not a function');
    };
    await expect(ask('iam:GetRole', bug)).rejects.toThrow(TypeError);
  });
});

describe('judge', () => {
  it('runs the check on a known value', () => {
    expect(judge(known(1), (value) => pass(`It is ${value}.`))).toEqual(pass('It is 1.'));
  });

  it('is unknown if the finding is unknown', () => {
    const finding = { kind: 'unknown', reason: 'No.', permission: 'iam:GetRole' } as const;
    expect(judge(finding, () => pass('yes'))).toEqual({
      status: 'unknown',
      message: 'No.',
      evidence: { missingPermission: 'iam:GetRole' },
    });
  });

  it('skips the check if no call was made', () => {
    expect(judge(notAsked('No key.'), () => pass('yes'))).toEqual({
      status: 'skip',
      message: 'No key.',
    });
  });
});
