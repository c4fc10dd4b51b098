import type { Plugin } from 'rolldown';

const SERVER = '\0ssh2-server';
const NOTHING = '\0ssh2-native';
/** Optional native parts of ssh2, which the server does not need. */
const NATIVE = /\.node$|^cpu-features$/;

interface Patch {
  /** Path in the package ssh2, without `.js`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const PATCHES: readonly Patch[] = [
  // A packet that is too large ends the connection and every command in it: take what sshd takes
  // (OpenSSH packet.c, PACKET_MAX_SIZE).
  {
    file: 'lib/protocol/crypto',
    find: 'const MAX_PACKET_SIZE = 35000;',
    replace: 'const MAX_PACKET_SIZE = 256 * 1024;',
  },
  // A command line may hold a name that is not UTF-8: such a line stays bytes.
  {
    file: 'lib/protocol/handlers.misc',
    find: `            string    command
          */
          data = bufferParser.readString(true);`,
    replace: `            string    command
          */
          data = bufferParser.readString();
          if (data && require('node:buffer').isUtf8(data)) data = data.utf8Slice();`,
  },
  // A session is recognized by the name of its class, which the minifier changes.
  {
    file: 'lib/utils',
    find: "channel.server && channel.constructor.name === 'Session'",
    replace: 'channel.incoming === undefined',
  },
  // ssh2 never confirms that a session is closed in which no program was started, for example after a
  // refused subsystem. A client behind a ControlMaster then waits forever.
  {
    file: 'lib/server',
    find: `            channel = channel._channel;
            if (!channel)
              return;
          }

          onCHANNEL_CLOSE(`,
    replace: `            const session = channel;
            channel = channel._channel;
            if (!channel) {
              this._chanMgr.remove(recipient);
              p.channelClose(session._chanInfo.outgoing.id);
              return;
            }
          }

          onCHANNEL_CLOSE(`,
  },
];

/** Bundles only the server half of ssh2, without its native parts and with `PATCHES`. */
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
      const patches = PATCHES.filter(({ file }) => id.endsWith(`ssh2/${file}.js`));
      if (patches.length === 0) return null;
      return patches.reduce(patched, code);
    },
  };
}

function patched(code: string, { file, find, replace }: Patch): string {
  if (!code.includes(find)) throw new Error(`ssh2/${file}.js has changed: check its patches.`);
  return code.replace(find, replace);
}
