import { parseArn } from '#domain/resolve/arn.ts';

/** The facts for checking a session's KMS key. */
export interface KeyExpectation {
  /** The key in the cluster's configuration; undefined if it has none, or the caller lacks permission to read it. */
  readonly clusterKeyId: string | undefined;
  /** ARN of the cluster: a key without an ARN belongs to its region and account. */
  readonly clusterArn: string;
  /** Also accept a key of another account or region if the cluster's key is not known. */
  readonly allowsForeignKey: boolean;
}

interface KeyName {
  readonly kind: 'key' | 'alias';
  readonly id: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

const RESOURCE = /^(key|alias)\/([\w/-]+)$/;
const KEY_ID = /^[\w-]+$/;
/** Copies of a multi-Region key have one id in all regions (KMS Developer Guide, Multi-Region keys). */
const MULTI_REGION = /^mrk-/;

/**
 * Returns the reason against the key that the agent names, or undefined if there is none. The text completes
 * a sentence about the session.
 */
export function objectionToKey(named: string, expected: KeyExpectation): string | undefined {
  const { clusterKeyId } = expected;
  const key = parseKeyName(named, expected.clusterArn);
  if (clusterKeyId !== undefined) {
    const own = parseKeyName(clusterKeyId, expected.clusterArn);
    if (key !== undefined && own !== undefined && !areDifferent(key, own)) return undefined;
    return `the agent asked for ${keyText(named)}; the cluster uses ${clusterKeyId}`;
  }
  if (key === undefined) return `the agent asked for ${keyText(named)}, which is no KMS key`;
  return expected.allowsForeignKey ? undefined : foreignKey(named, key, expected.clusterArn);
}

/**
 * Returns the reason against a data key that KMS made with `usedArn`, the KeyId in its answer.
 *
 * @param named the key that the agent requested
 */
export function objectionToAnswer(
  usedArn: string,
  named: string,
  expected: KeyExpectation,
): string | undefined {
  const { clusterKeyId, clusterArn, allowsForeignKey } = expected;
  const used = parseKeyName(usedArn, clusterArn);
  if (used === undefined) return `KMS answered for ${keyText(usedArn)}, which is no KMS key`;
  for (const text of [clusterKeyId, named]) {
    const key = text === undefined ? undefined : parseKeyName(text, clusterArn);
    if (text !== undefined && key !== undefined && areDifferent(key, used)) {
      return text === named
        ? `the agent asked for ${keyText(named)}; the cluster uses ${usedArn}`
        : `KMS answered for ${usedArn}; the cluster uses ${text}`;
    }
  }
  if (clusterKeyId !== undefined || allowsForeignKey) return undefined;
  return foreignKey(usedArn, used, clusterArn);
}

/** Undefined if it is not an id, an alias, or the ARN of one. */
function parseKeyName(text: string, clusterArn: string): KeyName | undefined {
  const home = parseArn(clusterArn);
  const arn = parseArn(text);
  if (arn !== undefined && arn.service !== 'kms') return undefined;
  const resource = arn?.resource ?? (KEY_ID.test(text) ? `key/${text}` : text);
  const [, kind, id = ''] = RESOURCE.exec(resource) ?? [];
  if (kind !== 'key' && kind !== 'alias') return undefined;
  const { partition = '', region = '', account = '' } = arn ?? home ?? {};
  return { kind, id: kind === 'key' ? id.toLowerCase() : id, partition, region, account };
}

/** False if unknown, because an alias may name any key of its account and region. */
function areDifferent(one: KeyName, other: KeyName): boolean {
  if (one.partition !== other.partition || one.account !== other.account) return true;
  const isCopy = MULTI_REGION.test(one.id) && one.id === other.id;
  if (one.region !== other.region && !isCopy) return true;
  return one.kind === other.kind && one.id !== other.id;
}

function foreignKey(text: string, key: KeyName, clusterArn: string): string | undefined {
  const { partition, region, account } = parseArn(clusterArn) ?? key;
  if (key.partition !== partition || key.account !== account) {
    return `the agent asked for ${keyText(text)}, a key of another account, and the cluster's own key is not known`;
  }
  return key.region === region
    ? undefined
    : `the agent asked for ${keyText(text)}, a key of another region, and the cluster's own key is not known`;
}

const SHOWN_LENGTH = 200;

/** The agent may send any text as the name. */
function keyText(text: string): string {
  if (text === '') return 'no key';
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
