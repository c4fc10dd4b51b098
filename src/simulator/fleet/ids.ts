import { createHash } from 'node:crypto';

/** Derives 32 hexadecimal digits from a text. */
export function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Derives an id in EC2's format from a text, such as `vpc-0123456789abcdef0`. */
export function ec2Id(kind: string, text: string): string {
  return `${kind}-${hexOf(`${kind}/${text}`).slice(0, 17)}`;
}
