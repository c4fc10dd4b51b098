import { Duplex } from 'node:stream';
import type { App } from '#commands/app.ts';
import {
  linkOf,
  readyTarget,
  type SessionContext,
  type SessionFlags,
  sessionContext,
} from '#commands/session-context.ts';
import type { SharedOptions } from '#commands/shared-options.ts';
import { sshFiles } from '#commands/ssh-config/ssh-files.ts';
import { EcshError } from '#domain/errors/errors.ts';
import { ExitStatus } from '#domain/errors/exit-status.ts';
import { END_SIGNALS } from '#domain/ports/system-ports.ts';
import type { ReadyTarget } from '#domain/readiness/readiness.ts';
import type { Tunnel } from '#forward/route.ts';
import { assertLinux } from '#session/assert-linux.ts';
import { logsSessions } from '#session/cluster-configuration.ts';
import { SharedSession } from '#shared/shared-session.ts';
import { terminalProgram } from '#shell/as-user.ts';
import { runInteractive } from '#shell/interactive.ts';
import { SftpServer } from '#ssh/sftp/sftp-server.ts';
import { SftpShell } from '#ssh/sftp/sftp-shell.ts';
import { hintForSsh, remoteUser, targetOfHost } from '#ssh/ssh-host.ts';
import { serveSsh, type TcpRequest } from '#ssh/ssh-server.ts';
import { SshSession, type TerminalRequest } from '#ssh/ssh-session.ts';
import { connectChannel } from '#ssh/tcp-channel.ts';
import type { Reporter } from '#ui/reporter.ts';
import { sshTunnel } from './ssh-tunnel.ts';

export interface SshProxyOptions extends SharedOptions, SessionFlags {
  readonly host: string;
  readonly suffix: string;
}

interface Entered {
  readonly context: SessionContext;
  readonly target: ReadyTarget;
  readonly session: SharedSession;
}

/**
 * Serves the ssh client at the other end of stdin and stdout.
 *
 * @returns 0
 * @throws EcshError when no session can be opened; ssh has printed the reason by then
 */
export async function runSshProxy(
  app: App,
  reporter: Reporter,
  options: SshProxyOptions,
): Promise<number> {
  const hostKey = await readHostKey(app);
  // A signal, or the end of ssh, closes the pipe. Every channel closes with it, and ends its command.
  const stream = Duplex.from({ readable: app.stdin, writable: app.stdout });
  stream.on('error', () => stream.destroy());
  const forget = END_SIGNALS.map((signal) => app.signals.on(signal, () => stream.destroy()));
  let entered: Entered | undefined;
  try {
    entered = await enter(app, reporter, options);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    const refusal = inTermsOfSsh(error, options);
    await serveSsh({ stream, hostKey, refusal: bannerOf(refusal), ...NOTHING });
    throw refusal;
  }
  const { session } = entered;
  try {
    await serve(reporter, options, { ...entered, stream, hostKey });
    return ExitStatus.ok;
  } finally {
    await session.close();
    for (const run of forget) run();
  }
}

const NOTHING = { onSession: () => undefined, onTcp: ({ reject }: { reject(): void }) => reject() };

async function readHostKey(app: App): Promise<string> {
  const key = await app.files.read(sshFiles(app).hostKey);
  if (key !== undefined) return key;
  throw new EcshError('ssh-not-set-up', 'There is no host key for ssh.', {
    hint: 'Set ssh up once:  ecsh ssh-config --install',
  });
}

/** @throws EcshError when no session can be opened in the container */
async function enter(app: App, reporter: Reporter, given: SshProxyOptions): Promise<Entered> {
  const options = { ...given, target: targetOfHost(given.host, given.suffix) };
  const context = sessionContext(app, reporter, options);
  const target = await readyTarget(context, options);
  assertLinux(target);
  const session = new SharedSession(
    { ...context.ports, signals: NO_SIGNALS },
    {
      target,
      retryPolicy: context.retryPolicy,
      link: await linkOf(context),
      isLogged: logsSessions(await context.configuration),
      onNotice: context.onNotice,
      onDebug: context.onDebug,
    },
  );
  return { context, target, session };
}

/** A signal ends the pipe, and with it every channel, so commands need no signal of their own. */
const NO_SIGNALS = { on: () => () => undefined, suspend: () => undefined };

function inTermsOfSsh(error: EcshError, { host, suffix }: SshProxyOptions): EcshError {
  const { code, message, exitCode } = error;
  const hint = hintForSsh(error, host, suffix);
  return new EcshError(code, message, {
    exitCode,
    cause: error.cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

function bannerOf({ message, code, hint }: EcshError): string {
  return `ecsh: ${message} [${code}]${hint === undefined ? '' : `\r\n  ${hint.replaceAll('\n', '\r\n  ')}`}\r\n`;
}

interface Serving extends Entered {
  readonly stream: Duplex;
  readonly hostKey: string;
}

async function serve(
  reporter: Reporter,
  options: SshProxyOptions,
  serving: Serving,
): Promise<void> {
  const { stream, hostKey, session, context, target } = serving;
  const tunnel = sshTunnel(context, target, session, options);
  let isReported = false;
  // The tunnel opens once, so every channel gets the same error. After ssh has ended, its cause is that end.
  const report = (error: EcshError) => {
    if (!isReported && !stream.destroyed) reporter.failure(error);
    isReported = true;
  };
  await serveSsh({
    stream,
    hostKey,
    onSession: (accept, user) => {
      new SshSession(
        accept,
        {
          start: (argv, options) => session.start(argv, options),
          openTerminal: (request) => openTerminal(context, target, request),
          serveSftp: (channel, closed) =>
            new SftpServer(channel, new SftpShell(session, remoteUser(user), closed)).serve(),
        },
        remoteUser(user),
      );
    },
    onTcp: (request) => void connectTcp(report, tunnel, request),
  });
}

async function connectTcp(
  report: (error: EcshError) => void,
  openTunnel: () => Promise<Tunnel>,
  request: TcpRequest,
): Promise<void> {
  try {
    connectChannel(await openTunnel(), request);
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    report(error);
    request.reject();
  }
}

/** Opens an ECS Exec session for the terminal: a shared session has no terminal. */
async function openTerminal(
  context: SessionContext,
  target: ReadyTarget,
  { terminal, term, user, argv, env, closed }: TerminalRequest,
): Promise<number> {
  try {
    return await runInteractive(
      { ...context.ports, signals: hangup(closed), terminal },
      {
        ...context,
        link: await linkOf(context),
        target,
        argv: terminalProgram({ user, argv }),
        isBare: false,
        directory: undefined,
        environment: env,
        timeoutMs: undefined,
        term,
        escapeKey: undefined,
        stdin: terminal.input,
        stdout: terminal.output,
      },
    );
  } catch (error) {
    if (!(error instanceof EcshError)) throw error;
    terminal.output.write(bannerOf(error));
    return error.exitCode;
  }
}

/** Signals for a terminal: SIGHUP when ssh closes its channel. */
function hangup(closed: AbortSignal): SessionContext['ports']['signals'] {
  return {
    on(name, handler) {
      if (name !== 'SIGHUP') return () => undefined;
      closed.addEventListener('abort', handler);
      return () => closed.removeEventListener('abort', handler);
    },
    suspend: () => undefined,
  };
}
