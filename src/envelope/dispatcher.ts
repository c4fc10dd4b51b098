import { type CommandRequest, requestLines } from './dispatcher-lines.ts';
import { NumberedMessages } from './dispatcher-messages.ts';
import {
  type DispatcherFeatures,
  type DispatcherLine,
  DispatcherReader,
  type Stream,
} from './dispatcher-reader.ts';
import { DispatcherStdin } from './dispatcher-stdin.ts';
import { DispatcherStream } from './dispatcher-stream.ts';

/** Why the dispatcher could not run a command, or not as it was asked to. */
export type CommandFault =
  /** The command's stdin, or its output, did not arrive as it was sent. */
  | 'input-damaged'
  | 'output-damaged'
  /** The image has no program to change the user with. */
  | 'no-user-switch'
  /** A status came, but the command had not begun. */
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
  /** The status is known and all output has been delivered. */
  | { readonly type: 'ended'; readonly id: number }
  /** More stdin can be pushed. */
  | { readonly type: 'room'; readonly id: number }
  | { readonly type: 'fault'; readonly id: number; readonly fault: CommandFault }
  /** The shell keeps this variable to itself, and the image has no env(1); the command was not run. */
  | { readonly type: 'variable-readonly'; readonly id: number; readonly name: string }
  /** Asked for with `awaitEmpty`: no process of the command is left. */
  | { readonly type: 'empty'; readonly id: number };

interface Command {
  readonly id: number;
  readonly stdin: DispatcherStdin | undefined;
  readonly streams: Readonly<Record<Stream, DispatcherStream>>;
  pid: number | undefined;
  group: number | undefined;
  status: number | undefined;
  hasEnded: boolean;
  /** The dispatcher may report a status of its own: the directory or the user is missing. */
  mayHaveOwnStatus: boolean;
}

const STREAMS: readonly Stream[] = ['stdout', 'stderr'];

/**
 * The client's side of dispatcher.sh without I/O: chunks of terminal output go in, events and input messages
 * come out. `takeMessages` after every other call.
 */
export class Dispatcher {
  readonly #marker: Buffer;
  readonly #reader: DispatcherReader;
  readonly #messages = new NumberedMessages();
  readonly #commands = new Map<number, Command>();
  #features: DispatcherFeatures | undefined;
  #nextId = 1;

  /** @param nonce as given to `createDispatcher` */
  constructor(nonce: string) {
    this.#reader = new DispatcherReader(nonce);
    this.#marker = Buffer.from(`\u0001${nonce}\u0002`, 'latin1');
  }

  get features(): DispatcherFeatures | undefined {
    return this.#features;
  }

  receive(chunk: Uint8Array): readonly DispatcherEvent[] {
    const events: DispatcherEvent[] = [];
    for (const line of this.#reader.read(chunk)) this.#handle(line, events);
    return events;
  }

  /** Messages for the data channel: each must be sent as one input message (PROTOCOL S-8a). */
  takeMessages(): readonly string[] {
    return this.#messages.take();
  }

  /** Runs a command, once the dispatcher is ready. @returns its id */
  run(request: Omit<CommandRequest, 'id'>): number {
    const features = this.#features;
    if (features === undefined) throw new Error('The dispatcher is not ready.');
    const id = this.#nextId;
    this.#nextId += 1;
    const streams = {
      stdout: new DispatcherStream(features.output),
      stderr: new DispatcherStream(features.output),
    };
    if (request.mergesStderr) streams.stderr.end();
    this.#commands.set(id, {
      id,
      stdin: request.hasStdin ? new DispatcherStdin(id, features.input, request.isBulk) : undefined,
      streams,
      pid: undefined,
      group: undefined,
      status: undefined,
      hasEnded: false,
      mayHaveOwnStatus: false,
    });
    for (const line of requestLines({ ...request, id })) this.#messages.push(line);
    return id;
  }

  /** Adds to the command's stdin. */
  write(id: number, data: Uint8Array): void {
    const stdin = this.#commands.get(id)?.stdin;
    stdin?.push(data);
    stdin?.release(this.#messages);
  }

  endInput(id: number): void {
    const stdin = this.#commands.get(id)?.stdin;
    stdin?.end();
    stdin?.release(this.#messages);
  }

  /** False while stdin that was pushed waits. */
  hasRoom(id: number): boolean {
    return this.#commands.get(id)?.stdin?.hasRoom ?? false;
  }

  /** The local reader of a stream takes no more for now; the command blocks when its share is used up. */
  hold(id: number, stream: Stream): void {
    this.#commands.get(id)?.streams[stream].hold();
  }

  release(id: number, stream: Stream): void {
    const command = this.#commands.get(id);
    if (command === undefined) return;
    command.streams[stream].release();
    this.#grant(command.streams[stream]);
  }

  /** Signals every process of the command. @returns false while it has not begun */
  signal(id: number, signal: string): boolean {
    const pid = this.#commands.get(id)?.pid;
    if (pid === undefined) return false;
    this.#messages.push(`K${signal.replace(/^SIG/, '')} ${pid}`);
    return true;
  }

  /** Asks for `empty`, after a signal. @returns false when the command never began */
  awaitEmpty(id: number): boolean {
    const pid = this.#commands.get(id)?.pid;
    if (pid !== undefined) this.#messages.push(`E${pid}`);
    return pid !== undefined;
  }

  /** Something else holds the output of an ended command open: asks where its own output ends. */
  markEnd(id: number): void {
    const command = this.#commands.get(id);
    if (command === undefined) return;
    for (const stream of STREAMS.map((name) => command.streams[name])) {
      if (stream.hasEnded || stream.pumpPid === undefined) continue;
      stream.expectMark(this.#marker);
      this.#messages.push(`M${stream.pumpPid}`);
    }
  }

  /** Nothing more of this command matters: whatever still holds its output is left alone. */
  forget(id: number): void {
    const command = this.#commands.get(id);
    if (command === undefined) return;
    this.#commands.delete(id);
    command.stdin?.abandon();
    command.stdin?.release(this.#messages);
    for (const { creditPid, hasClosed } of STREAMS.map((name) => command.streams[name])) {
      if (creditPid !== undefined && !hasClosed) this.#messages.push(`C${creditPid} .`);
    }
    const isClosed = STREAMS.every((name) => command.streams[name].hasClosed);
    if (command.group !== undefined && !isClosed) this.#messages.push(`F${command.group}`);
  }

  /** Lets the dispatcher reap what has ended; to be called when nothing has run for a while. */
  tidy(): void {
    this.#messages.push('T');
  }

  /** Ends the dispatcher and every command. */
  quit(): void {
    this.#messages.push('Q');
  }

  #handle(line: DispatcherLine, events: DispatcherEvent[]): void {
    if (line.type === 'hello') {
      this.#features = line.features;
      events.push({ type: 'ready', features: line.features });
      return;
    }
    if (line.type === 'empty') {
      for (const { id, pid } of this.#commands.values()) {
        if (pid === line.pid) events.push({ type: 'empty', id });
      }
      return;
    }
    const command = this.#commands.get(line.id);
    if (command !== undefined) this.#handleOf(command, line, events);
    // It was forgotten before it learned that nothing follows.
    else if (line.type === 'input') this.#messages.push(`D${line.pid} ${line.id}:0 .`);
    else if (line.type === 'credited') this.#messages.push(`C${line.pid} .`);
  }

  #handleOf(
    command: Command,
    line: Exclude<DispatcherLine, { readonly type: 'hello' | 'empty' }>,
    events: DispatcherEvent[],
  ): void {
    const { id, stdin } = command;
    switch (line.type) {
      case 'input':
        stdin?.open(line.pid);
        this.#feed(command, events);
        return;
      case 'taken':
        stdin?.acknowledge(line.characters);
        this.#feed(command, events);
        return;
      case 'started':
        command.pid = line.pid;
        command.group = line.group;
        events.push({ type: 'started', id });
        return;
      case 'pump':
        command.streams[line.stream].pumpPid = line.pid;
        return;
      case 'credited':
        command.streams[line.stream].creditPid = line.pid;
        this.#grant(command.streams[line.stream]);
        return;
      case 'data':
        this.#deliver(command, line, events);
        return;
      case 'end': {
        const data = command.streams[line.stream].end();
        if (data.length > 0) events.push({ type: 'data', id, stream: line.stream, data });
        this.#endWhenThrough(command, events);
        return;
      }
      case 'status':
        this.#noteStatus(command, line.status, events);
        return;
      case 'no-directory':
        command.mayHaveOwnStatus = true;
        return;
      case 'no-user-switch':
        command.mayHaveOwnStatus = true;
        events.push({ type: 'fault', id, fault: 'no-user-switch' });
        return;
      case 'variable-readonly':
        command.mayHaveOwnStatus = true;
        events.push({ type: 'variable-readonly', id, name: line.name });
        return;
      case 'gap':
        events.push({ type: 'fault', id, fault: 'input-damaged' });
    }
  }

  #feed({ id, stdin }: Command, events: DispatcherEvent[]): void {
    if (stdin === undefined) return;
    stdin.release(this.#messages);
    if (stdin.hasRoom) events.push({ type: 'room', id });
  }

  #deliver(
    command: Command,
    line: Extract<DispatcherLine, { readonly type: 'data' }>,
    events: DispatcherEvent[],
  ): void {
    const { id } = command;
    const stream = command.streams[line.stream];
    const wasOpen = !stream.hasEnded;
    const data = stream.decode(line.index, line.text);
    if (data === undefined) {
      events.push({ type: 'fault', id, fault: 'output-damaged' });
      return;
    }
    if (data.length > 0) events.push({ type: 'data', id, stream: line.stream, data });
    if (wasOpen && stream.hasEnded) this.#endWhenThrough(command, events);
    else this.#grant(stream);
  }

  /** Before the command has begun, a status is the shell's own and says nothing of it. */
  #noteStatus(command: Command, status: number, events: DispatcherEvent[]): void {
    const { id } = command;
    if (command.pid === undefined && !command.mayHaveOwnStatus) {
      events.push({ type: 'fault', id, fault: 'not-started' });
    }
    command.status = status;
    command.stdin?.abandon();
    command.stdin?.release(this.#messages);
    events.push({ type: 'status', id, status });
    this.#endWhenThrough(command, events);
  }

  #endWhenThrough(command: Command, events: DispatcherEvent[]): void {
    const { stdout, stderr } = command.streams;
    if (command.hasEnded || command.status === undefined) return;
    if (!stdout.hasEnded || !stderr.hasEnded) return;
    command.hasEnded = true;
    events.push({ type: 'ended', id: command.id });
  }

  #grant(stream: DispatcherStream): void {
    const grant = stream.takeGrant();
    if (grant > 0) this.#messages.push(`C${stream.creditPid} ${grant}`);
  }
}
