import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';
import { type AgentMessage, MessageType, PayloadType } from '#protocol/message.ts';
import { decodeMessage, encodeMessage, FrameError } from '#protocol/message-codec.ts';
import { decodeChannelClosed, encodeAcknowledgement } from '#protocol/payload.ts';
import type { Simulator } from '#simulator/simulator.ts';
import { callApi, targetOf, textOf } from '#test/simulator/api/api-call.ts';

/** A minimal client: it opens, acknowledges (unless disabled) and records what it receives. */
export class RawClient {
  readonly #simulator: Simulator;
  readonly #changes = new EventEmitter();
  #socket: WebSocket | undefined;
  #streamUrl = '';
  #nextNumber = 0;
  sessionId = '';
  token = '';
  /** Every frame of either sender, in order of arrival. */
  readonly messages: AgentMessage[] = [];
  /** Header length of each frame. */
  readonly headerLengths: number[] = [];
  isAcknowledging = true;
  closeCode: number | undefined;
  digestErrors = 0;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#changes.setMaxListeners(100);
  }

  /** Calls ExecuteCommand in the first task of a service, without connecting. */
  async execute(command: string, cluster = 'demo', serviceName = 'web'): Promise<void> {
    const tasks = await this.#ecs('ListTasks', { cluster, serviceName });
    const task = Array.isArray(tasks.taskArns) ? String(tasks.taskArns[0]) : '';
    const answer = await this.#ecs('ExecuteCommand', { cluster, task, command, interactive: true });
    const session = answer.session;
    this.sessionId = textOf(session, 'sessionId');
    this.token = textOf(session, 'tokenValue');
    this.#streamUrl = textOf(session, 'streamUrl');
  }

  /** Calls StartSession on the first container of a service of `demo`, without connecting. */
  async forward(
    parameters: Readonly<Record<string, readonly string[]>>,
    documentName = 'AWS-StartPortForwardingSession',
    serviceName = 'web',
  ): Promise<void> {
    const { body } = await callApi(this.#simulator, 'AmazonSSM.StartSession', {
      Target: await targetOf(this.#simulator, serviceName),
      DocumentName: documentName,
      Parameters: parameters,
    });
    this.sessionId = textOf(body, 'SessionId');
    this.token = textOf(body, 'TokenValue');
    this.#streamUrl = textOf(body, 'StreamUrl');
  }

  /** Responds to the handshake request, as the given version of the plugin. */
  async handshake(clientVersion = '1.2.764.0'): Promise<void> {
    await this.until(() => this.#hasOutput(PayloadType.handshakeRequest));
    const answer = {
      ClientVersion: clientVersion,
      ProcessedClientActions: [
        { ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' },
      ],
      Errors: null,
    };
    this.send(JSON.stringify(answer), PayloadType.handshakeResponse);
    await this.until(() => this.#hasOutput(PayloadType.handshakeComplete));
  }

  #hasOutput(payloadType: number): boolean {
    return this.of(MessageType.output).some((message) => message.payloadType === payloadType);
  }

  async resume(): Promise<void> {
    const { body } = await callApi(this.#simulator, 'AmazonSSM.ResumeSession', {
      SessionId: this.sessionId,
    });
    this.token = textOf(body, 'TokenValue');
  }

  async terminate(): Promise<void> {
    const input = { SessionId: this.sessionId };
    await callApi(this.#simulator, 'AmazonSSM.TerminateSession', input);
  }

  /** Connects and sends the open frame; resolves when the socket is open. */
  async open(token = this.token): Promise<void> {
    const socket = new WebSocket(this.#streamUrl);
    this.#socket = socket;
    this.closeCode = undefined;
    socket.on('message', (data) => this.#receive(data));
    socket.on('close', (code) => {
      this.closeCode = code;
      this.#changes.emit('change');
    });
    await once(socket, 'open');
    socket.send(
      JSON.stringify({
        MessageSchemaVersion: '1.0',
        RequestId: randomUUID(),
        TokenValue: token,
        ClientId: randomUUID(),
        ClientVersion: '1.2.764.0',
      }),
    );
  }

  /** Disconnects without a close frame. */
  vanish(): void {
    this.#socket?.terminate();
  }

  /** Sends an input message and returns its number. */
  send(payload: string | Uint8Array, payloadType: number = PayloadType.output): number {
    const sequenceNumber = this.#nextNumber++;
    this.sendFrame(sequenceNumber, payload, payloadType);
    return sequenceNumber;
  }

  sendFrame(sequenceNumber: number, payload: string | Uint8Array, payloadType: number): void {
    this.#write(MessageType.input, sequenceNumber, payloadType, Buffer.from(payload));
  }

  /** Resends a message until it is acknowledged, because the terminal may not be open yet. */
  async sendSurely(payload: string | Uint8Array, payloadType: number): Promise<number> {
    const number = this.send(payload, payloadType);
    const retry = setInterval(() => this.sendFrame(number, payload, payloadType), 20);
    await this.until(() => this.acknowledged.includes(number));
    clearInterval(retry);
    return number;
  }

  get output(): string {
    const seen = new Map<number, Uint8Array>();
    for (const message of this.messages) {
      const isOutput = message.messageType === MessageType.output;
      if (isOutput && message.payloadType === PayloadType.output) {
        seen.set(message.sequenceNumber, message.payload);
      }
    }
    const inOrder = [...seen.entries()].sort(([a], [b]) => a - b);
    return Buffer.concat(inOrder.map(([, payload]) => payload)).toString('latin1');
  }

  /** Sequence numbers of all acknowledgements, including repeated ones. */
  get acknowledged(): number[] {
    return this.of(MessageType.acknowledge).map(({ payload }) => {
      const body: unknown = JSON.parse(Buffer.from(payload).toString());
      return Number(Reflect.get(Object(body), 'AcknowledgedMessageSequenceNumber'));
    });
  }

  /** The `Output` of channel_closed. */
  get closedWith(): string | undefined {
    const [closed] = this.of(MessageType.channelClosed);
    return closed === undefined ? undefined : decodeChannelClosed(closed.payload);
  }

  of(messageType: string): AgentMessage[] {
    return this.messages.filter((message) => message.messageType === messageType);
  }

  /** Resolves when the condition holds; it is checked after each frame and on close. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#changes, 'change');
  }

  #receive(data: unknown): void {
    const frame = Buffer.isBuffer(data) ? data : Buffer.from(String(data));
    const message = this.#decode(frame);
    if (message === undefined) return;
    this.messages.push(message);
    this.headerLengths.push(frame.readUInt32BE(0));
    if (this.isAcknowledging && message.messageType === MessageType.output) {
      this.#write(
        MessageType.acknowledge,
        0,
        PayloadType.none,
        Buffer.from(encodeAcknowledgement(message)),
      );
    }
    this.#changes.emit('change');
  }

  #decode(frame: Buffer): AgentMessage | undefined {
    try {
      return decodeMessage(frame);
    } catch (error) {
      if (!(error instanceof FrameError) || error.reason !== 'digest') throw error;
      this.digestErrors += 1;
      this.#changes.emit('change');
      return undefined;
    }
  }

  #write(
    messageType: string,
    sequenceNumber: number,
    payloadType: number,
    payload: Uint8Array,
  ): void {
    this.#socket?.send(
      encodeMessage({
        messageType,
        createdDate: Date.now(),
        sequenceNumber,
        flags: messageType === MessageType.acknowledge ? 3 : 0,
        messageId: randomUUID(),
        payloadType,
        payload,
      }),
    );
  }

  async #ecs(operation: string, input: object): Promise<Record<string, unknown>> {
    const target = `AmazonEC2ContainerServiceV20141113.${operation}`;
    return (await callApi(this.#simulator, target, input)).body;
  }
}
