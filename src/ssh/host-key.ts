import ssh2 from 'ssh2';

/** A new ed25519 key pair in the formats of OpenSSH: the private key file, and a line for known_hosts. */
export function createHostKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync('ed25519');
  return { privateKey, publicKey };
}
