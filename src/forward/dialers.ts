import type { PortDestination } from '#domain/port-forward.ts';
import phpScript from './dialers/dial.php';
import perlScript from './dialers/dial.pl';
import pythonScript from './dialers/dial.py';
import rubyScript from './dialers/dial.rb';
import bashScript from './dialers/dial-bash.sh';
import ncScript from './dialers/dial-nc.sh';
import findScript from './dialers/find.sh';
import type { Refusal } from './proxy-step.ts';

/** A program in the image that can connect its stdin and stdout to a port. */
export interface Dialer {
  readonly program: string;
  /** Whether it can close only the sending half, so that the remote side can still answer. */
  readonly closesHalf: boolean;
  readonly argv: (host: string, port: string) => readonly string[];
}

const NODE_SCRIPT = `
const [host, port] = process.argv.slice(1);
const s = require("net").connect({ host, port: +port, allowHalfOpen: true });
s.once("connect", () => {
  require("fs").writeSync(2, "ecsh-up\\n");
  process.stdin.pipe(s);
  s.pipe(process.stdout, { end: false });
  s.on("end", () => process.stdout.write("", () => process.exit(0)));
});
s.on("error", (e) => {
  require("fs").writeSync(2, "ecsh-down " + (e.code || e.message) + "\\n");
  process.exit(s.bytesRead ? 1 : 111);
});`;

/** In order of preference: those that close one half of a connection first, then those that start fast. */
export const DIALERS: readonly Dialer[] = [
  {
    program: 'perl',
    closesHalf: true,
    argv: (host, port) => ['perl', '-e', perlScript, host, port],
  },
  {
    program: 'python3',
    closesHalf: true,
    argv: (host, port) => ['python3', '-c', pythonScript, host, port],
  },
  {
    program: 'bash',
    closesHalf: false,
    argv: (host, port) => ['bash', '-c', bashScript, 'dial', host, port],
  },
  {
    program: 'nc',
    closesHalf: false,
    argv: (host, port) => ['sh', '-c', ncScript, 'dial', host, port],
  },
  {
    program: 'socat',
    closesHalf: false,
    argv: (host, port) => {
      const address = host.includes(':') ? `[${host}]` : host;
      // It waits equally long after the end of either side, so it must not see the end of our input.
      return ['socat', '-d', '-d', 'STDIN,ignoreeof!!STDOUT', `TCP:${address}:${port}`];
    },
  },
  {
    program: 'node',
    closesHalf: true,
    argv: (host, port) => ['node', '-e', NODE_SCRIPT, host, port],
  },
  {
    program: 'ruby',
    closesHalf: true,
    argv: (host, port) => ['ruby', '-e', rubyScript, host, port],
  },
  {
    program: 'php',
    closesHalf: true,
    argv: (host, port) => ['php', '-r', phpScript, '--', host, port],
  },
];

/** Prints the name of the first dialer that works; exits with 1 if there is none. */
export const FIND_DIALER: readonly string[] = ['sh', '-c', findScript];

/**
 * Commands that connect to a destination; they run in turn until one connects. The container itself is tried with both of
 * its loopback addresses, as numbers, because not every image can resolve `localhost`.
 */
export function dialCommands(
  { argv }: Dialer,
  { host, port }: PortDestination,
): readonly (readonly string[])[] {
  const isContainer = host === undefined || host.toLowerCase() === 'localhost';
  const hosts = isContainer ? ['127.0.0.1', '::1'] : [host];
  return hosts.map((each) => argv(each, String(port)));
}

/** Whether a line of stderr means that the dialer is connected. */
export function saysConnected(line: string): boolean {
  return line === 'ecsh-up' || /starting data transfer loop/.test(line);
}

/** Finds in stderr why a dialer did not connect. */
export function refusalIn(complaints: string): Refusal {
  for (const [pattern, why] of REFUSALS) if (pattern.test(complaints)) return why;
  return 'failed';
}

/** The messages of libc, of interpreters and of Node.js. */
const REFUSALS: readonly (readonly [RegExp, Refusal])[] = [
  [/connection refused|ECONNREFUSED/i, 'refused'],
  [/timed out|ETIMEDOUT/i, 'timed-out'],
  [
    /name or service not known|not known|name resolution|no address|getaddrinfo|bad address|ENOTFOUND|EAI_/i,
    'unknown-host',
  ],
  [/unreachable|no route|EHOSTUNREACH|ENETUNREACH/i, 'unreachable'],
];
