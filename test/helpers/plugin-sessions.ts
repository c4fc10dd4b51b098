import { setTimeout } from 'node:timers/promises';
import { awsEnvironment } from './aws-cli.ts';
import type { Lab } from './e2e.ts';
import { freePort } from './free-port.ts';
import { Screen } from './screen.ts';

/** The place for sessions: a container with sh, and its target for StartSession (PROTOCOL 1.3). */
export interface PluginPlace {
  /** With the tested session-manager-plugin first on PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly cluster: string;
  readonly task: string;
  readonly container: string;
  readonly target: string;
  /** Ports of the container: one with an HTTP server, one without a listener. */
  readonly ports: { readonly open: number; readonly closed: number };
}

/** A user at a session: patterns to wait for on the screen, and what to do then. */
type Step = readonly [awaited: RegExp, act: (desk: Desk) => void | Promise<void>];

interface Desk {
  readonly screen: Screen;
  readonly localPort: number;
}

export interface PluginSession {
  readonly name: string;
  readonly words: (place: PluginPlace, localPort: number) => readonly string[];
  readonly steps?: readonly Step[];
}

/** Lines of a screen have no trailing blanks. */
const PROMPT = /\$>$/;

function type(text: string): Step[1] {
  return ({ screen }) => screen.type(text);
}

/** Waits a moment after Ctrl-C, so that the program can listen again. */
const interrupt = type('\x03');

async function fetchFrom({ localPort }: Desk): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${localPort}/`).then(
    (response) => response.text(),
    () => undefined,
  );
  if (answer === '') throw new Error('an empty answer');
}

function exec(command: string): PluginSession['words'] {
  return ({ cluster, task, container }) => [
    ...['aws', 'ecs', 'execute-command', '--cluster', cluster, '--task', task],
    ...['--container', container, '--interactive', '--command', command],
  ];
}

function port(which: 'open' | 'closed', more: readonly string[] = []): PluginSession['words'] {
  return ({ target, ports }, localPort) => [
    ...['aws', 'ssm', 'start-session', '--target', target],
    ...['--document-name', 'AWS-StartPortForwardingSession'],
    ...['--parameters', `portNumber=${ports[which]},localPortNumber=${localPort}`, ...more],
  ];
}

function start(document?: string, parameters?: string): PluginSession['words'] {
  return ({ target }) => [
    ...['aws', 'ssm', 'start-session', '--target', target],
    ...(document === undefined ? [] : ['--document-name', document]),
    ...(parameters === undefined ? [] : ['--parameters', parameters]),
  ];
}

/** A shell with a fixed prompt and no history, regardless of the image. */
const SHELL = exec("env -i PATH=/bin:/usr/bin PS1='$> ' sh");
/** Typed at the image's prompt to set that of `SHELL`. */
const OWN_PROMPT = type("clear; exec env -i PATH=/bin:/usr/bin TERM=xterm PS1='$> ' sh\r");
const WAITING = /Waiting for connections\.\.\./;

/** Every kind of session that the AWS CLI starts in a container, as a person sees it. */
export const SESSIONS: readonly PluginSession[] = [
  { name: 'a command with a line of output', words: exec('echo hi') },
  { name: 'a command that fails', words: exec("sh -c 'echo no; exit 7'") },
  { name: 'no newline at the end', words: exec("printf 'no newline'") },
  { name: 'characters of several bytes', words: exec("printf '%s\\n' 'äöü € 漢字 😀'") },
  { name: 'two thousand lines', words: exec('seq 1 2000') },
  { name: 'stderr', words: exec("sh -c 'echo out; echo err >&2'") },
  { name: 'no output at all', words: exec("sh -c 'sleep 0.2'") },
  { name: 'colours', words: exec("printf '\\033[31mred\\033[0m\\n'") },
  { name: 'another screen and back', words: exec("printf '\\033[?1049hover\\033[?1049lback\\n'") },
  { name: 'words with blanks and quotes', words: exec(`printf '[%s]' "a b" 'c"d' e\\ f`) },
  { name: 'a missing program', words: exec('/no/such/program') },
  { name: 'a name that is missing on PATH', words: exec('no-such-program') },
  { name: 'a file that is not a program', words: exec('/etc/passwd') },
  { name: 'a quote without an end', words: exec("echo 'hi") },
  { name: 'a command killed by a signal', words: exec("sh -c 'kill -9 $$'") },
  { name: 'TERM', words: exec("sh -c 'echo $TERM'") },
  {
    name: 'a shell',
    words: SHELL,
    steps: [
      [PROMPT, type('echo hello\r')],
      [/\nhello\n\$>$/, type('exit 3\r')],
    ],
  },
  { name: 'a shell that Ctrl-D ends', words: SHELL, steps: [[PROMPT, type('\x04')]] },
  {
    name: 'Ctrl-C at a prompt',
    words: SHELL,
    steps: [
      [PROMPT, type('echo no\x03')],
      [/\^C\n\$>$/, type('exit\r')],
    ],
  },
  {
    name: 'Ctrl-C in a command',
    words: exec(`sh -c 'trap "echo trapped; exit" INT; echo go; while :; do sleep 0.1; done'`),
    steps: [[/go$/, interrupt]],
  },
  {
    name: 'Ctrl-backslash',
    words: exec(`sh -c 'trap "echo quit; exit" QUIT; echo go; while :; do sleep 0.1; done'`),
    steps: [[/go$/, type('\x1c')]],
  },
  {
    name: 'a question',
    words: exec(`sh -c 'printf "name? "; read name; echo "hello $name"'`),
    steps: [[/name\?$/, type('you\r')]],
  },
  {
    name: 'a password',
    words: exec(`sh -c 'stty -echo; printf "word? "; read word; stty echo; echo "[$word]"'`),
    steps: [[/word\?$/, type('secret\r')]],
  },
  {
    name: 'arrows, Escape, Backspace and a tabulator',
    words: exec(`sh -c 'stty raw -echo; printf go; head -c 12 | od -An -tx1; stty sane'`),
    steps: [[/go$/, type('\x1b[A\x1b[B\x1b\x7f\tend')]],
  },
  {
    name: 'a paste',
    words: exec(`sh -c 'stty -echo; echo go; head -n 20 | cksum'`),
    steps: [[/go$/, type(`${'x'.repeat(99)}\r`.repeat(20))]],
  },
  {
    name: 'the size of the window',
    words: exec(`sh -c 'echo go; sleep 1.5; stty size'`),
  },
  {
    name: 'a window that changes',
    words: exec(`sh -c 'trap "stty size; exit" WINCH; echo go; while :; do sleep 0.1; done'`),
    // The first size may come after the first output.
    steps: [[/go\n24 80/, ({ screen }) => screen.resize(100, 30)]],
  },
  {
    name: 'a shell that ssm:StartSession starts',
    words: start(),
    steps: [
      [/[$#>]$/, OWN_PROMPT],
      [PROMPT, type('echo hello; exit 3\r')],
    ],
  },
  {
    name: 'a shell that its user leaves with Ctrl-D',
    words: start('SSM-SessionManagerRunShell'),
    steps: [
      [/[$#>]$/, OWN_PROMPT],
      [PROMPT, type('\x04')],
    ],
  },
  {
    name: 'a shell that is killed',
    words: start(),
    steps: [
      [/[$#>]$/, OWN_PROMPT],
      [PROMPT, type('kill -9 $$\r')],
    ],
  },
  {
    name: 'a command of AWS-StartInteractiveCommand',
    words: start('AWS-StartInteractiveCommand', `{"command":["sh -c 'echo go; exit 4'"]}`),
  },
  {
    name: 'a port',
    words: port('open'),
    steps: [
      [WAITING, fetchFrom],
      [/Connection accepted/, interrupt],
    ],
  },
  {
    name: 'a port without a connection',
    words: port('open'),
    steps: [[WAITING, interrupt]],
  },
  {
    name: 'a port without a listener',
    words: port('closed'),
    steps: [
      [WAITING, fetchFrom],
      [/Connection to destination port failed/, interrupt],
    ],
  },
  {
    name: 'a host that the agent refuses',
    words: ({ target }, localPort) => [
      ...['aws', 'ssm', 'start-session', '--target', target],
      ...['--document-name', 'AWS-StartPortForwardingSessionToRemoteHost', '--parameters'],
      `host=169.254.169.254,portNumber=80,localPortNumber=${localPort}`,
    ],
  },
  { name: 'no arguments', words: () => ['session-manager-plugin'] },
  { name: 'an unknown operation', words: () => ['session-manager-plugin', 'Chat'] },
  { name: 'another operation', words: () => ['session-manager-plugin', '{}', 'region', 'Resume'] },
  {
    name: 'a missing response',
    words: () => [
      'session-manager-plugin',
      ...['AWS_SSM_START_SESSION_RESPONSE_0', 'us-east-1', 'StartSession', '', '{"Target":"x"}'],
      'http://127.0.0.1',
    ],
  },
];

/**
 * Plays a session, and returns its status and the text that a user sees, without the variable parts.
 *
 * @param pauseMs the time that the user takes to read, because the real plugin sets the terminal late
 */
export async function playSession(
  place: PluginPlace,
  session: PluginSession,
  pauseMs = 0,
): Promise<string> {
  const localPort = await freePort();
  const words = session.words(place, localPort);
  const screen = await Screen.open(
    ['sh', '-c', 'trap : INT QUIT; "$@"; echo "status=$?"', 'sh', ...words],
    { env: { ...place.env, TERM: 'xterm-256color' } },
  );
  try {
    for (const [awaited, act] of session.steps ?? []) {
      await screen.until(awaited);
      if (pauseMs > 0) await setTimeout(pauseMs);
      await act({ screen, localPort });
    }
    await screen.until(/status=\d+$/);
    return screen.text
      .replaceAll(/(?:ecs-execute-command|simulator|lab)-[\w-]+/g, 'SESSION')
      .replaceAll(String(localPort), 'PORT');
  } finally {
    screen.close();
  }
}

/** The environment of a lab with another folder first on PATH. */
export function withPlugin(lab: Lab, folder: string | undefined): Readonly<Record<string, string>> {
  const env = awsEnvironment(lab);
  return folder === undefined ? env : { ...env, PATH: `${folder}:${env.PATH}` };
}
