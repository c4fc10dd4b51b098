import type { CommandRequest } from './dispatcher-lines.ts';
import type { NumberedMessages } from './dispatcher-messages.ts';
import type { DispatcherFeatures, DispatcherLine, Stream } from './dispatcher-reader.ts';
import { DispatcherStdin } from './dispatcher-stdin.ts';
import { DispatcherStream } from './dispatcher-stream.ts';

/** Why the dispatcher could not run a command as requested. */
export type CommandFault =
  /** The command's stdin or output was damaged in transit. */
  | 'input-damaged'
  | 'output-damaged'
  /** The image lacks a program that changes the user. */
  | 'no-user-switch'
  /** A status arrived before the command had started. */
  | 'not-started';

export type DispatcherEvent =
  /** Requests may be sent. Undefined features: this image cannot share a session. */
  | { readonly type: 'ready'; readonly features: DispatcherFeatures | undefined }
  | { readonly type: 'started'; readonly id: number }
  | {
      readonly type: 'data';
      readonly id: number;
      readonly stream: Stream;
      readonly data: Uint8Array;
    }
  /** The status is known; output may follow until both streams have ended. */
  | { readonly type: 'status'; readonly id: number; readonly status: number }
  /** All output has been delivered, and the status is still missing, which lasts a moment at most. */
  | { readonly type: 'status-due'; readonly id: number }
  /** The status is known and all output has been delivered. */
  | { readonly type: 'ended'; readonly id: number }
  /** More stdin can be pushed. */
  | { readonly type: 'room'; readonly id: number }
  | { readonly type: 'fault'; readonly id: number; readonly fault: CommandFault }
  /** The variable is special in the shell, and the image lacks env(1); the command did not run. */
  | { readonly type: 'variable-readonly'; readonly id: number; readonly name: string }
  /** Requested with `awaitEmpty`: no process of the command is left. */
  | { readonly type: 'empty'; readonly id: number };

/** A line of the dispatcher about one command. */
export type CommandReportLine = Exclude<DispatcherLine, { readonly type: 'hello' | 'empty' }>;

const STREAMS: readonly Stream[] = ['stdout', 'stderr'];

/** The client's state of one command, and the lines to send for it. */
export class DispatchedCommand {
  readonly id: number;
  readonly stdin: DispatcherStdin | undefined;
  readonly streams: Readonly<Record<Stream, DispatcherStream>>;
  readonly #messages: NumberedMessages;
  #pid: number | undefined;
  #group: number | undefined;
  #status: number | undefined;
  #hasEnded = false;
  /** The end of the output was requested; a pump that reports later is asked then. */
  #marker: Buffer | undefined;
  /** The dispatcher may report its own status, because the directory or the user is missing. */
  #mayHaveOwnStatus = false;

  constructor(request: CommandRequest, features: DispatcherFeatures, messages: NumberedMessages) {
    const { id, hasStdin, isBulk, mergesStderr } = request;
    this.id = id;
    this.#messages = messages;
    this.stdin = hasStdin ? new DispatcherStdin(id, features.input, isBulk) : undefined;
    this.streams = {
      stdout: new DispatcherStream(features.output),
      stderr: new DispatcherStream(features.output),
    };
    if (mergesStderr) this.streams.stderr.end();
  }

  /** Undefined until the command has started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Sends as much of stdin as there is room for. */
  feed(): void {
    this.stdin?.release(this.#messages);
  }

  /** Another command starts, so less output of this one may be in transit. */
  makeRoom(): void {
    for (const name of STREAMS) this.streams[name].narrow();
  }

  /** Grants as much as a local reader has room for. */
  grant(stream: DispatcherStream): void {
    const grant = stream.takeGrant();
    if (grant > 0) this.#messages.push(`C${stream.creditPid} ${grant}`);
  }

  markEnd(marker: Buffer): void {
    this.#marker = marker;
    for (const name of STREAMS) this.#askForEnd(this.streams[name]);
  }

  /** Ends stdin, and the pumps of output that another process holds open. */
  abandon(): void {
    this.stdin?.abandon();
    this.feed();
    const open = STREAMS.map((name) => this.streams[name]).filter(({ hasClosed }) => !hasClosed);
    for (const { creditPid } of open) {
      if (creditPid !== undefined) this.#messages.push(`C${creditPid} .`);
    }
    if (this.#group !== undefined && open.length > 0) this.#messages.push(`F${this.#group}`);
  }

  handle(line: CommandReportLine, events: DispatcherEvent[]): void {
    const { id, stdin } = this;
    switch (line.type) {
      case 'input':
        stdin?.open(line.pid);
        this.#refill(events);
        return;
      case 'taken':
        stdin?.acknowledge(line.characters);
        this.#refill(events);
        return;
      case 'started':
        this.#pid = line.pid;
        this.#group = line.group;
        events.push({ type: 'started', id });
        return;
      case 'pump':
        this.streams[line.stream].pumpPid = line.pid;
        this.#askForEnd(this.streams[line.stream]);
        return;
      case 'credited':
        this.streams[line.stream].creditPid = line.pid;
        this.grant(this.streams[line.stream]);
        return;
      case 'data':
        this.#deliver(line, events);
        return;
      case 'end':
        this.#endStream(line.stream, events);
        return;
      case 'status':
        this.#noteStatus(line.status, events);
        return;
      default:
        this.#noteFault(line, events);
    }
  }

  #askForEnd(stream: DispatcherStream): void {
    if (this.#marker === undefined || stream.hasEnded || stream.pumpPid === undefined) return;
    stream.expectMark(this.#marker);
    this.#messages.push(`M${stream.pumpPid}`);
  }

  #noteFault(
    line: Extract<
      CommandReportLine,
      { readonly type: 'gap' | 'no-directory' | 'no-user-switch' | 'variable-readonly' }
    >,
    events: DispatcherEvent[],
  ): void {
    const { id } = this;
    if (line.type !== 'gap') this.#mayHaveOwnStatus = true;
    if (line.type === 'gap') events.push({ type: 'fault', id, fault: 'input-damaged' });
    else if (line.type === 'no-user-switch') events.push({ type: 'fault', id, fault: line.type });
    else if (line.type === 'variable-readonly') {
      events.push({ type: 'variable-readonly', id, name: line.name });
    }
  }

  #refill(events: DispatcherEvent[]): void {
    this.feed();
    if (this.stdin?.hasRoom) events.push({ type: 'room', id: this.id });
  }

  #deliver(
    line: Extract<CommandReportLine, { readonly type: 'data' }>,
    events: DispatcherEvent[],
  ): void {
    const { id } = this;
    const stream = this.streams[line.stream];
    const wasOpen = !stream.hasEnded;
    const data = stream.decode(line.index, line.text);
    if (data === undefined) {
      events.push({ type: 'fault', id, fault: 'output-damaged' });
      return;
    }
    if (data.length > 0) events.push({ type: 'data', id, stream: line.stream, data });
    if (wasOpen && stream.hasEnded) this.#endWhenThrough(events);
    else this.grant(stream);
  }

  #endStream(stream: Stream, events: DispatcherEvent[]): void {
    const data = this.streams[stream].end();
    if (data.length > 0) events.push({ type: 'data', id: this.id, stream, data });
    this.#endWhenThrough(events);
  }

  /** A status before the start of the command comes from the shell. */
  #noteStatus(status: number, events: DispatcherEvent[]): void {
    const { id } = this;
    if (this.#pid === undefined && !this.#mayHaveOwnStatus) {
      events.push({ type: 'fault', id, fault: 'not-started' });
    }
    this.#status = status;
    this.stdin?.abandon();
    this.feed();
    events.push({ type: 'status', id, status });
    this.#endWhenThrough(events);
  }

  #endWhenThrough(events: DispatcherEvent[]): void {
    const { id, streams } = this;
    if (this.#hasEnded || !streams.stdout.hasEnded || !streams.stderr.hasEnded) return;
    this.#hasEnded = this.#status !== undefined;
    events.push({ type: this.#hasEnded ? 'ended' : 'status-due', id });
  }
}
