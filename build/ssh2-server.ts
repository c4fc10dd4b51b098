import type { Plugin } from 'rolldown';

const SERVER = '\0ssh2-server';
const NOTHING = '\0ssh2-native';
/** Native parts that ssh2 does without. */
const NATIVE = /\.node$|^cpu-features$/;

/** The command lines that sshd takes (OpenSSH packet.c, PACKET_MAX_SIZE); ssh2 stops at 35,000 bytes. */
const LARGEST_PACKET = 256 * 1024;

/**
 * Bundles the server half of ssh2 alone, without its native parts, and lets it take packets as large
 * as OpenSSH does: one that is too large ends the connection and every command in it.
 */
export function ssh2Server(): Plugin {
  return {
    name: 'ssh2-server',
    resolveId(source) {
      if (source === 'ssh2') return SERVER;
      return NATIVE.test(source) ? NOTHING : null;
    },
    load(id) {
      if (id === NOTHING) return 'throw new Error("not bundled");';
      if (id !== SERVER) return null;
      return [
        "import Server from 'ssh2/lib/server.js';",
        "import { generateKeyPairSync } from 'ssh2/lib/keygen.js';",
        'export default { Server, utils: { generateKeyPairSync } };',
      ].join('\n');
    },
    transform(code, id) {
      if (!id.endsWith('ssh2/lib/protocol/crypto.js')) return null;
      const limit = /const MAX_PACKET_SIZE = 35000;/;
      if (!limit.test(code)) throw new Error('ssh2 no longer limits packets to 35,000 bytes.');
      return code.replace(limit, `const MAX_PACKET_SIZE = ${LARGEST_PACKET};`);
    },
  };
}
