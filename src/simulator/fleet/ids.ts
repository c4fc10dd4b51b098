import { createHash } from 'node:crypto';

/** 32 hexadecimal digits, always the same ones for a text. */
export function hexOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** An id as EC2 gives them, always the same one for a text: `vpc-0123456789abcdef0`. */
export function ec2Id(kind: string, text: string): string {
  return `${kind}-${hexOf(`${kind}/${text}`).slice(0, 17)}`;
}
