import type { Plugin } from 'rolldown';

const SERVER = '\0ssh2-server';
const NOTHING = '\0ssh2-native';
/** Optional native parts of ssh2, which the server does not need. */
const NATIVE = /\.node$|^cpu-features$/;

/** The fewest bytes that a client must take in one packet, and the most channels that it may have open. */
const SMALLEST_PACKET = 256;
const MAX_CHANNELS = 1_000;

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
  // ssh2 misreads terminal modes (it begins at their second byte) and ends the connection for modes that it does not know.
  // ecsh ignores them: the agent opens the terminal.
  {
    file: 'lib/protocol/handlers.misc',
    find: `            bufferParser.init(modesBinary, 1);
            let modes = {};
            while (bufferParser.avail()) {`,
    replace: `            let modes = {};
            while (false) {`,
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
  // stdout and stderr of a channel can wait for window space at the same time. ssh2 continues only stdout, and sends the
  // chunk that it has kept from an earlier wait once more. They take turns, so that neither starves the other.
  {
    file: 'lib/server',
    find: `            if (channel._chunk) {
              channel._write(channel._chunk, null, channel._chunkcb);
            } else if (channel._chunkcb) {
              channel._chunkcb();
            } else if (channel._chunkErr) {
              channel.stderr._write(channel._chunkErr,
                                    null,
                                    channel._chunkcbErr);
            } else if (channel._chunkcbErr) {
              channel._chunkcbErr();
            }`,
    replace: `            const { _chunk, _chunkcb, _chunkErr, _chunkcbErr } = channel;
            channel._chunk = channel._chunkcb = undefined;
            channel._chunkErr = channel._chunkcbErr = undefined;
            channel._isTurnOfErr = !channel._isTurnOfErr;
            const out = () => _chunk && channel._write(_chunk, null, _chunkcb);
            const err = () => _chunkErr && channel.stderr._write(_chunkErr, null, _chunkcbErr);
            for (const go of channel._isTurnOfErr ? [err, out] : [out, err]) go();`,
  },
  // A write counts as done when the pipe has taken it: a client may offer a window of 4 GiB and not read.
  {
    file: 'lib/Channel',
    find: `      channel._chunkcbErr = cb;
      return;
    }

    cb();`,
    replace: `      channel._chunkcbErr = cb;
      return;
    }

    whenTaken(channel._client, cb);`,
  },
  {
    file: 'lib/Channel',
    find: `      this._chunkcb = cb;
      return;
    }

    cb();`,
    replace: `      this._chunkcb = cb;
      return;
    }

    whenTaken(this._client, cb);`,
  },
  {
    file: 'lib/Channel',
    find: 'function windowAdjust(self) {',
    replace: `function whenTaken(client, cb) {
  // Packets wait in this queue while keys are exchanged.
  if (client._protocol._queue) client.once('rekey', cb);
  else if (client._sock && client._sock.writableNeedDrain) client._sock.once('drain', cb);
  else cb();
}

function windowAdjust(self) {`,
  },
  // sshd disconnects a client that sends more than its window, too (OpenSSH channels.c, channel_input_data).
  {
    file: 'lib/server',
    find: `          // TODO: raise error on data with not enough window?
          if (channel.incoming.window === 0)
            return;
`,
    replace: `          if (data.length > channel.incoming.window) {
            proto.disconnect(DISCONNECT_REASON.PROTOCOL_ERROR);
            socket.end();
            return;
          }
`,
  },
  // With packets of no bytes ssh2 sends empty ones for ever; every client takes 32 KiB (RFC 4254, 5.1 and 6.1 of RFC 4253).
  {
    file: 'lib/server',
    find: `          const data = info.data;
          switch (info.type) {`,
    replace: `          if (info.packetSize < ${SMALLEST_PACKET} || this._chanMgr._count >= ${MAX_CHANNELS}) {
            reason = CHANNEL_OPEN_FAILURE.RESOURCE_SHORTAGE;
            reject();
            return;
          }
          const data = info.data;
          switch (info.type) {`,
  },
  // A second program on a session is refused, as by sshd. ssh2 does not answer, and the client waits.
  {
    file: 'lib/server',
    find: `            reject = () => {
              if (replied || session._ending || session._channel)`,
    replace: `            reject = () => {
              if (replied || session._ending)`,
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
