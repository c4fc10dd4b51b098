import {
  type CommandReportLine,
  DispatchedCommand,
  type DispatcherEvent,
} from './dispatched-command.ts';
import { type CommandRequest, requestLines } from './dispatcher-lines.ts';
import { NumberedMessages } from './dispatcher-messages.ts';
import {
  type DispatcherFeatures,
  type DispatcherLine,
  DispatcherReader,
  type Stream,
} from './dispatcher-reader.ts';
import type { DispatcherStdin } from './dispatcher-stdin.ts';

/**
 * The client's side of dispatcher.sh without I/O: it takes chunks of terminal output, and returns events and input
 * messages. Call `takeMessages` after every other call.
 */
export class Dispatcher {
  readonly #marker: Buffer;
  readonly #reader: DispatcherReader;
  readonly #messages = new NumberedMessages();
  readonly #commands = new Map<number, DispatchedCommand>();
  readonly #leaving = new Map<number, DispatcherStdin>();
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

  /** Runs a command as soon as the dispatcher is ready. @returns its id */
  run(request: Omit<CommandRequest, 'id'>): number {
    if (this.#features === undefined) throw new Error('The dispatcher is not ready.');
    const id = this.#nextId;
    this.#nextId += 1;
    const command = new DispatchedCommand({ ...request, id }, this.#features, this.#messages);
    for (const other of this.#commands.values()) other.makeRoom();
    this.#commands.set(id, command);
    for (const line of requestLines({ ...request, id })) this.#messages.push(line);
    return id;
  }

  /** Adds to the command's stdin. */
  write(id: number, data: Uint8Array): void {
    const command = this.#commands.get(id);
    command?.stdin?.push(data);
    command?.feed();
  }

  endInput(id: number): void {
    const command = this.#commands.get(id);
    command?.stdin?.end();
    command?.feed();
  }

  /** False while pushed stdin has not been sent. */
  hasRoom(id: number): boolean {
    return this.#commands.get(id)?.stdin?.hasRoom ?? false;
  }

  /** The local reader of a stream has stopped reading; the command blocks when its share is used up. */
  hold(id: number, stream: Stream): void {
    this.#commands.get(id)?.streams[stream].hold();
  }

  release(id: number, stream: Stream): void {
    const command = this.#commands.get(id);
    if (command === undefined) return;
    command.streams[stream].release();
    command.grant(command.streams[stream]);
  }

  /** Signals every process of the command. @returns false while it has not started */
  signal(id: number, signal: string): boolean {
    const pid = this.#commands.get(id)?.pid;
    if (pid === undefined) return false;
    this.#messages.push(`K${signal.replace(/^SIG/, '')} ${pid}`);
    return true;
  }

  /** Requests `empty`, after a signal. @returns false if the command never started */
  awaitEmpty(id: number): boolean {
    const pid = this.#commands.get(id)?.pid;
    if (pid !== undefined) this.#messages.push(`E${pid}`);
    return pid !== undefined;
  }

  /** Requests a mark at the end of an ended command's output, while another process holds the streams open. */
  markEnd(id: number): void {
    this.#commands.get(id)?.markEnd(this.#marker);
  }

  /** Forgets the command. A process that still holds its output keeps running. */
  forget(id: number): void {
    const command = this.#commands.get(id);
    if (command === undefined) return;
    this.#commands.delete(id);
    command.abandon();
    // The container still reads its stdin and needs its end.
    if (command.stdin?.isUnderWay) this.#leaving.set(id, command.stdin);
  }

  /** Lets the dispatcher reap its children. Call it when no command has run for a while. */
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
    if (command === undefined) this.#handleForgotten(line);
    else command.handle(line, events);
  }

  #handleForgotten(line: CommandReportLine): void {
    // It does not know yet that no more input follows.
    if (line.type === 'input') this.#messages.push(`D${line.pid} ${line.id}:0 .`);
    // It was stopped and cancelled before it started, so nothing else ends it.
    else if (line.type === 'started') this.#messages.push(`KKILL ${line.pid}`);
    else if (line.type === 'credited') this.#messages.push(`C${line.pid} .`);
    else if (line.type === 'taken') {
      const stdin = this.#leaving.get(line.id);
      stdin?.acknowledge(line.characters);
      stdin?.release(this.#messages);
      if (!stdin?.isUnderWay) this.#leaving.delete(line.id);
    }
  }
}
