import { awsOf } from '../aws.js';
import { codeIn, pass, reasonIn, same, seen, skip } from '../check.js';

/** Checks of connections: lost, encrypted, idle, and forwarded. */

const IDLE_SECONDS = '1500';
const LONG = { limitMs: 45 * 60_000 };

/** @type {readonly import('../check.js').Check[]} */
export const CONNECTION_CHECKS = [
  {
    id: 'resume',
    title: 'a connection that is cut is resumed, and nothing is lost',
    questions: ['U-6'],
    async run(context) {
      const { HTTPS_PROXY: proxy = process.env.https_proxy } = process.env;
      if (proxy !== undefined) return skip('a proxy is set, and this check needs one of its own');
      const tunnels = await context.tunnels();
      let count = 0;
      const script = 'echo one; sleep 6; echo two; exit 4';
      const { status, stdout, stderr } = await context.exec(['sh', '-c', script], ['-v'], {
        env: tunnels.environment,
        onOutput: (text) => {
          if (count === 0 && text.includes('one')) count = tunnels.cut();
        },
      });
      if (count === 0) return skip('nothing went through the proxy of this check');
      same([status, stdout.toString()], [4, 'one\ntwo\n'], reasonIn(stderr));
      return pass();
    },
  },
  {
    id: 'key',
    title: 'sessions are encrypted with the key of the cluster',
    questions: ['U-7'],
    async run({ exec, facts }) {
      if (facts.key !== 'a KMS key') return skip('the cluster has no KMS key');
      const { status, stdout, stderr } = await exec(['echo', 'hi']);
      same([status, stdout.toString()], [0, 'hi\n'], reasonIn(stderr));
      return pass();
    },
  },
  {
    id: 'forward',
    title: 'a port of the container, through ssm:StartSession, and the id of that session',
    questions: ['U-2'],
    async run({ ecsh, target, port, facts }) {
      if (port === undefined) return skip('give --port');
      const program = [process.execPath, '-e', CONNECT];
      const { status, stdout, stderr } = await ecsh([
        'forward',
        '-v',
        target,
        `:${port}`,
        '--',
        ...program,
      ]);
      // The program of this check says on stdout what it got; where ecsh fails, there is none.
      const answer = stdout.toString().trim() || reasonIn(stderr);
      if (status !== 0) throw new Error(answer);
      return pass(`connected; ${answer}; ${await idOf(stderr, facts)}`);
    },
  },
  {
    id: 'idle',
    title: 'a silent session of 25 minutes, and one with --keepalive',
    questions: ['U-8'],
    async run({ exec, mayWait }) {
      if (!mayWait) return skip('needs --long');
      const flags = ['--keepalive', '5m'];
      const [plain, kept] = await Promise.all([
        exec(['sleep', IDLE_SECONDS], [], LONG),
        exec(['sleep', IDLE_SECONDS], flags, LONG),
      ]);
      const how = (/** @type {import('../context.js').Finished} */ { status, stderr }) =>
        status === 0 ? 'lasted' : `ended (${codeIn(stderr) ?? `status ${status}`})`;
      return seen(`without: ${how(plain)}; with: ${how(kept)}`);
    },
  },
];

/**
 * Compares the id with what a policy can name by `${aws:userid}` and `${aws:username}`; it shows neither.
 *
 * @param {string} stderr of `ecsh forward -v`
 * @param {import('../context.js').Context['facts']} facts
 */
async function idOf(stderr, { region = '' }) {
  const [, id = ''] = /^session (\S+)$/m.exec(stderr) ?? [];
  const { sts } = await awsOf(`arn:aws:sts:${region}::`);
  const { Arn = '', UserId = '' } = await (await sts()).getCallerIdentity({});
  const name = (UserId.includes(':') ? UserId.split(':') : Arn.split('/')).at(-1);
  const begins = id.startsWith(`${name}-`) ? 'begins' : 'does not begin';
  return `the id of the session ${begins} with the name of the caller`;
}

/** Connects to the local port; what answers, if anything, is of no interest. */
const CONNECT = `
  const socket = require('node:net').connect(Number(process.env.ECSH_PORT), '127.0.0.1');
  socket.on('error', (error) => { console.log(error.message); process.exit(1); });
  socket.on('connect', () => { socket.write('GET / HTTP/1.0\\r\\n\\r\\n'); });
  socket.setTimeout(10000, () => { process.stdout.write('no answer'); process.exit(0); });
  socket.on('end', () => { process.stdout.write('closed without an answer'); process.exit(1); });
  socket.once('data', (data) => { process.stdout.write(data.length + ' bytes of answer'); process.exit(0); });
`;
