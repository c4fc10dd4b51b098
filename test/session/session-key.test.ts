import { describe, expect, it } from 'vitest';
import { objectionToAnswer, objectionToKey } from '#session/session-key.ts';

const HOME = 'arn:aws:kms:us-east-1:123456789012';
const ID = '11111111-2222-4333-8444-555555555555';
const OTHER_ID = '99999999-2222-4333-8444-555555555555';
const KEY = `${HOME}:key/${ID}`;
const MRK = 'mrk-1234abcd12ab34cd56ef1234567890ab';
const ELSEWHERE = 'arn:aws:kms:eu-west-3:123456789012';
const STRANGER = 'arn:aws:kms:us-east-1:999999999999';
const CHINA = 'arn:aws-cn:kms:us-east-1:123456789012';

function expected(clusterKeyId: string | undefined, allowsForeignKey = false) {
  const clusterArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
  return { clusterKeyId, clusterArn, allowsForeignKey };
}

describe("the key that the agent names, if the cluster's key is known", () => {
  it.each([
    ['the same ARN', KEY, KEY],
    ['the same id', ID, ID],
    ['an id instead of an ARN', KEY, ID],
    ['an ARN instead of an id', ID, KEY],
    [
      'the same id in capitals',
      KEY,
      KEY.toUpperCase()
        .replace(/^ARN:AWS:KMS:US-EAST-1/, HOME.slice(0, 21))
        .replace(':KEY/', ':key/'),
    ],
    ['the same alias', 'alias/logs', 'alias/logs'],
    ['an alias instead of its ARN', `${HOME}:alias/logs`, 'alias/logs'],
    ['an alias with a path', 'alias/team/logs', `${HOME}:alias/team/logs`],
    ['a key instead of an alias, which only KMS can compare', 'alias/logs', KEY],
    ['an alias instead of a key, which only KMS can compare', KEY, 'alias/logs'],
    ['a replica of a multi-Region key', `${HOME}:key/${MRK}`, `${ELSEWHERE}:key/${MRK}`],
    ["the cluster's own key of another account", `${STRANGER}:key/${ID}`, `${STRANGER}:key/${ID}`],
  ])('can be %s', (_name, cluster, named) => {
    expect(objectionToKey(named, expected(cluster))).toBeUndefined();
  });

  it.each([
    ['another id', KEY, OTHER_ID],
    ['another ARN', KEY, `${HOME}:key/${OTHER_ID}`],
    ['another region', KEY, `${ELSEWHERE}:key/${ID}`],
    ['another account', KEY, `${STRANGER}:key/${ID}`],
    ['another partition', KEY, `${CHINA}:key/${ID}`],
    ['an id in the home region instead of a key elsewhere', `${ELSEWHERE}:key/${ID}`, ID],
    ['another alias', 'alias/logs', 'alias/evil'],
    ['an alias of another account', 'alias/logs', `${STRANGER}:alias/logs`],
    ['an alias of another region instead of a key', KEY, `${ELSEWHERE}:alias/logs`],
    ['something other than a key', KEY, 'arn:aws:s3:::bucket'],
    ['another kind of ARN', KEY, `${HOME}:grant/${ID}`],
    ['a text', KEY, 'a key, please'],
    ['an alias without a name', KEY, 'alias/'],
  ])('cannot be %s', (_name, cluster, named) => {
    for (const allowsForeign of [false, true]) {
      expect(objectionToKey(named, expected(cluster, allowsForeign))).toBe(
        `the agent asked for ${named}; the cluster uses ${cluster}`,
      );
    }
  });

  it('is required', () => {
    expect(objectionToKey('', expected(KEY))).toBe(
      `the agent asked for no key; the cluster uses ${KEY}`,
    );
  });

  it('is truncated in the message if it is long', () => {
    expect(objectionToKey('x'.repeat(5000), expected(KEY))).toBe(
      `the agent asked for ${'x'.repeat(200)}…; the cluster uses ${KEY}`,
    );
  });
});

describe("the key that the agent names, if the cluster's key is unknown", () => {
  it.each([KEY, ID, 'alias/logs', `${HOME}:alias/logs`, MRK])('can be %s', (named) => {
    expect(objectionToKey(named, expected(undefined))).toBeUndefined();
  });

  it.each([
    [`${STRANGER}:key/${ID}`, 'account'],
    [`${CHINA}:key/${ID}`, 'account'],
    [`${ELSEWHERE}:key/${ID}`, 'region'],
    ['arn:aws:kms:evil-attacker-1:123456789012:key/1', 'region'],
  ])('can be %s only with foreign keys allowed', (named, what) => {
    expect(objectionToKey(named, expected(undefined))).toBe(
      `the agent asked for ${named}, a key of another ${what}, and the cluster's own key is not known`,
    );
    expect(objectionToKey(named, expected(undefined, true))).toBeUndefined();
  });

  it.each(['', 'a key, please', 'arn:aws:s3:::bucket'])('cannot be "%s"', (named) => {
    expect(objectionToKey(named, expected(undefined, true))).toMatch(/, which is no KMS key$/);
  });
});

describe('the key that KMS used', () => {
  it.each([
    [KEY, KEY, KEY],
    [KEY, 'alias/logs', 'alias/logs'],
    [KEY, KEY, 'alias/logs'],
    [KEY, ID, undefined],
    [KEY, 'alias/logs', undefined],
    [KEY, KEY, undefined],
  ])('can be %s for %s, in a cluster with %s', (used, named, cluster) => {
    expect(objectionToAnswer(used, named, expected(cluster))).toBeUndefined();
  });

  it("must be the cluster's key", () => {
    const used = `${HOME}:key/${OTHER_ID}`;
    expect(objectionToAnswer(used, 'alias/logs', expected(KEY))).toBe(
      `KMS answered for ${used}; the cluster uses ${KEY}`,
    );
  });

  it("reveals that the agent named a different key from the cluster's alias", () => {
    const named = `${HOME}:key/${OTHER_ID}`;
    expect(objectionToAnswer(KEY, named, expected('alias/logs'))).toBe(
      `the agent asked for ${named}; the cluster uses ${KEY}`,
    );
  });

  it('must be a KMS key', () => {
    expect(objectionToAnswer('nothing of the kind', ID, expected(undefined))).toBe(
      'KMS answered for nothing of the kind, which is no KMS key',
    );
  });

  it('cannot belong to another account if the request named a bare id', () => {
    const used = `${STRANGER}:key/${ID}`;
    expect(objectionToAnswer(used, ID, expected(undefined))).toBe(
      `the agent asked for ${ID}; the cluster uses ${used}`,
    );
  });
});
