import DISPATCHER from './dispatcher.sh';

/**
 * The lines that dispatcher.sh and the client exchange.
 *
 *   from the container                            to the container, each as `NUMBER LINE`
 *   NONCE FEATURES      the first line            AWORD           a word of the next command
 *   qSTREAM ID PID      a pump (1 or 2) is there  VNAME=VALUE     a variable of it
 *   iID PID             its stdin can be sent     wDIR, uUSER     its directory, its user
 *   pID PID GROUP       it has begun              +MORE           goes on with the line before
 *   STREAM ID:INDEX DATA  output                  RID OPTIONS     run it
 *   wSTREAM ID PID      output needs credit       DPID ID:INDEX DATA  stdin; `.` is its end
 *   eSTREAM ID          the stream has ended      BPID COUNT      so many D lines follow at once
 *   aID CHARACTERS      stdin taken               CPID CHARACTERS credit for output
 *   gID                 stdin has a gap           MPID            mark the end of a stream
 *   nID, uID            no such directory, no way FGROUP          end the pumps
 *                       to change the user        KSIGNAL PID     signal the command's tree
 *   vID NAME            cannot set this variable
 *   xID STATUS          it has ended              EPID            say when the tree is empty
 *   kPID                its tree is empty         T, Q            forget what has ended; end all
 *   # ...               for the session's log
 *
 *                                               XPID            all of stdin has been taken
 *
 * STREAM and ID stand together (`11` is stdout of command 1). The end mark in a stream is SOH NONCE STX.
 */
export interface CommandRequest {
  readonly id: number;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string | undefined;
  /** `USER[:GROUP]`; undefined: as the session, which is root. */
  readonly user: string | undefined;
  /** False: the command's stdin is empty. */
  readonly hasStdin: boolean;
  /** stdin is large: five more processes allow five times as much in transit. */
  readonly isBulk: boolean;
  readonly mergesStderr: boolean;
  /** Write the command line to the terminal first, so that the session's log contains it. */
  readonly isLogged: boolean;
}

/** With its number, a request line still fits an input message of 1,024 bytes. */
const MAX_LINE = 1_000;

/** The argument vector for ExecuteCommand. */
export function createDispatcher(nonce: string): readonly string[] {
  return ['sh', '-c', DISPATCHER, 'ecsh', nonce];
}

/** The lines that run a command. Only the last one starts it, so repeating the others has no effect. */
export function requestLines(request: CommandRequest): readonly string[] {
  const { argv, environment, directory, user } = request;
  const words = [
    ...argv.map((word) => `A${escapeWord(word)}`),
    ...Object.entries(environment).map(([name, value]) => `V${name}=${escapeWord(value)}`),
    ...(directory === undefined ? [] : [`w${escapeWord(directory)}`]),
    ...(user === undefined ? [] : [`u${escapeWord(user)}`]),
  ];
  const options = [
    request.hasStdin ? 'i' : '',
    request.hasStdin && request.isBulk ? 'h' : '',
    request.mergesStderr ? 'm' : '',
    request.isLogged ? 'l' : '',
  ].join('');
  return [...words.flatMap(bounded), `R${request.id} ${options}`];
}

function bounded(line: string): readonly string[] {
  const pieces = [line.slice(0, MAX_LINE)];
  for (let start = MAX_LINE; start < line.length; start += MAX_LINE) {
    pieces.push(`+${line.slice(start, start + MAX_LINE)}`);
  }
  return pieces;
}

/**
 * For `printf %b`: \0ooo for every byte that is special to the terminal or the shell. A quote is escaped for
 * the log, where arguments are quoted.
 */
function escapeWord(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH && byte !== QUOTE;
    escaped += isPlain ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return escaped;
}

const BACKSLASH = 0x5c;
const QUOTE = 0x27;
