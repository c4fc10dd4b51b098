import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { EcshError } from '#domain/errors/errors.ts';

/**
 * Trusts the certificates of Node.js and those of a file, once for all connections, because it takes
 * a while. Undefined if the file adds nothing.
 *
 * @param extraFile NODE_EXTRA_CA_CERTS: Node ignores it once other certificates are set
 * @throws EcshError `ca-bundle-unreadable`
 */
export async function trustIn(
  file: string,
  extraFile: string | undefined,
): Promise<SecureContext | undefined> {
  if (file === extraFile) return undefined;
  const bundle = await readCertificates(file);
  // Node itself only warns when it cannot read that one.
  const extra = extraFile === undefined ? '' : await readFile(extraFile, 'utf8').catch(() => '');
  return createSecureContext({
    ca: [...rootCertificates, ...(extra === '' ? [] : [extra]), bundle],
  });
}

async function readCertificates(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause instanceof Error ? cause.message : 'unknown reason', cause);
  }
  try {
    // A secure context accepts any text without certificates. This checks the first certificate.
    new X509Certificate(text);
  } catch (cause) {
    throw unreadable(file, 'it does not begin with a PEM certificate', cause);
  }
  return text;
}

function unreadable(file: string, why: string, cause?: unknown): EcshError {
  return new EcshError('ca-bundle-unreadable', `Cannot use the CA bundle ${file}: ${why}.`, {
    hint: 'AWS_CA_BUNDLE, or ca_bundle of the profile, names it: a PEM file that you may read.',
    cause,
  });
}
