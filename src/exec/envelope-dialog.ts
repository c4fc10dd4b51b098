import { randomBytes } from 'node:crypto';
import type { EcshError } from '#domain/errors/errors.ts';
import type { EndSignal } from '#domain/ports/system-ports.ts';
import {
  createEnvelope,
  type EnvelopeEvent,
  type EnvelopeFeatures,
  type EnvelopeStream,
} from '#envelope/envelope.ts';
import { environmentLines, GO, QUIT, signalLine } from '#envelope/envelope-input.ts';
import { EnvelopeReader } from '#envelope/envelope-reader.ts';
import { NumberedLines } from '#envelope/numbered-lines.ts';
import type { ConnectionEnd } from '#session/connection-listener.ts';
import { CommandReport } from './command-report.ts';
import {
  imageLacksTools,
  inputDamaged,
  stdinNeedsStty,
  userSwitchMissing,
  variableReadonly,
} from './exec-errors.ts';
import type { ExecRunOptions } from './exec-run-options.ts';
import { RemoteStdin } from './remote-stdin.ts';

export interface EnvelopeDialogListener {
  /** Sends input to the terminal of the session. */
  send(input: Uint8Array): void;
  /** Whether the connection accepts more input now. */
  hasInputRoom(): boolean;
  onData(stream: EnvelopeStream, data: Uint8Array): void;
  onStarted(): void;
  /** The command has ended, and its streams are complete. */
  onComplete(): void;
  /** The command cannot run, or has to end; its status is ignored. */
  onFailure(failure: EcshError): void;
  /** Reading our stdin has failed. */
  onInputBroken(cause: Error): void;
}

/** Communicates with the envelope of one command: starts the command, sends its stdin, and records the reports. */
export class EnvelopeDialog {
  readonly report = new CommandReport();
  readonly #options: ExecRunOptions;
  readonly #listener: EnvelopeDialogListener;
  readonly #nonce = randomBytes(8).toString('hex');
  readonly #reader = new EnvelopeReader(this.#nonce);
  readonly #lines = new NumberedLines();
  #goMessages: readonly string[] = [];
  #stdin: RemoteStdin | undefined;

  constructor(options: ExecRunOptions, listener: EnvelopeDialogListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The arguments that start the envelope, which then starts the command. */
  get argv() {
    const { stdin, environment } = this.#options;
    const hasStdin = stdin !== undefined;
    const waits = hasStdin || Object.keys(environment).length > 0;
    return createEnvelope({ ...this.#options, nonce: this.#nonce, hasStdin, waits });
  }

  /** Handles output of the session. */
  receive(data: Uint8Array): void {
    const wentEarly = this.#goMessages.length > 0 && this.report.features === undefined;
    for (const event of this.#reader.read(data)) this.#handle(event);
    if (wentEarly) this.#repeatGo();
  }

  /** Called when the session accepts input. */
  onInputReady(): void {
    if (this.#canGoEarly) this.#go();
  }

  /** Called when the connection has room for input again. */
  onInputDrained(): void {
    this.#stdin?.regulate();
  }

  /** Sends a signal to the command's process group; false while it has not started. */
  signal(signal: EndSignal | 'SIGKILL'): boolean {
    const { pid } = this.report;
    if (pid === undefined) return false;
    this.#send([signalLine(signal, pid)]);
    return true;
  }

  /** Asks the envelope to end, even if a process still holds the output of the command. */
  quit(): void {
    this.#send([QUIT]);
  }

  /** Stops reading our stdin. */
  close(): void {
    this.#stdin?.close();
  }

  /** @returns the reason why the command's status is unknown; undefined if it is known */
  statusError(end: ConnectionEnd): EcshError | undefined {
    return this.report.statusError(end, this.#reader.damaged());
  }

  #handle(event: EnvelopeEvent): void {
    this.report.note(event);
    switch (event.type) {
      case 'begin':
        this.#begin(event.features);
        return;
      case 'started':
        this.#listener.onStarted();
        return;
      case 'data':
        this.#listener.onData(event.stream, event.data);
        return;
      case 'end':
        this.#reportComplete();
        return;
      case 'taken':
        this.#stdin?.acknowledge(event.characters);
        return;
      case 'no-user-switch':
        this.#listener.onFailure(userSwitchMissing());
        return;
      case 'variable-readonly':
        this.#listener.onFailure(variableReadonly(event.name));
        return;
      case 'input-damaged':
        this.#listener.onFailure(inputDamaged());
        return;
      case 'status':
        this.#stdin?.abandon();
        this.#reportComplete();
    }
  }

  #begin(features: EnvelopeFeatures): void {
    const { stdin, environment } = this.#options;
    if (features.output === 'none') {
      this.#listener.onFailure(imageLacksTools());
      return;
    }
    if (stdin !== undefined && !features.hasTerminalSettings) {
      this.#listener.onFailure(stdinNeedsStty());
      return;
    }
    const lines = environmentLines(environment);
    const waits = features.hasTerminalSettings || lines.length > 0 || stdin !== undefined;
    if (!waits) return;
    this.#go(lines);
    if (stdin === undefined) return;
    const stdinOptions = {
      encoding: features.input,
      readsStdin: this.#options.readsStdin ?? false,
    };
    this.#stdin = new RemoteStdin(stdin, stdinOptions, {
      send: (input) => this.#send(input),
      hasRoom: () => this.#listener.hasInputRoom(),
      onBroken: (cause) => this.#listener.onInputBroken(cause),
    });
  }

  /**
   * Values of variables and stdin wait for the first frame, because the terminal may echo an earlier line into the
   * session's log. While the cluster's key is unknown, all input waits for that frame (S-2).
   */
  get #canGoEarly(): boolean {
    const { stdin, environment, link } = this.#options;
    const needsMore = stdin !== undefined || Object.keys(environment).length > 0;
    return !needsMore && (link.isWithoutKey === true || link.clusterKeyId !== undefined);
  }

  /**
   * Starts the command, because ecsh can end its session by now. An early line reaches the envelope while the agent
   * still holds back all output (PROTOCOL 8.6), so the command already runs in that second.
   */
  #go(environment: readonly string[] = []): void {
    if (this.#goMessages.length > 0) return;
    this.#goMessages = this.#lines.messages([...environment, GO]);
    this.#sendMessages(this.#goMessages);
  }

  /** An agent may discard early input (S-2). The envelope ignores repeated numbers. */
  #repeatGo(): void {
    const { features, pid } = this.report;
    if (features?.hasTerminalSettings !== true || pid !== undefined) return;
    this.#sendMessages(this.#goMessages);
  }

  #reportComplete(): void {
    if (this.report.isThrough) this.#listener.onComplete();
  }

  #send(lines: readonly string[]): void {
    this.#sendMessages(this.#lines.messages(lines));
  }

  #sendMessages(messages: readonly string[]): void {
    for (const message of messages) this.#listener.send(Buffer.from(message, 'latin1'));
  }
}
