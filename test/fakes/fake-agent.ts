import { type AgentMessage, MessageType, PayloadType } from '#protocol/message.ts';
import { encodeMessage } from '#protocol/message-codec.ts';
import { encodeAcknowledgement } from '#protocol/payload.ts';
import type { FakeTransport } from './fake-transport.ts';

const MESSAGE_ID = '00112233-4455-4677-8899-aabbccddeeff';
const CREATED = 1_735_689_600_000;

/**
 * The agent's side of a data channel, as small as can be: it acknowledges all input at once and
 * speaks when told to.
 */
export class FakeAgent {
  readonly #transport: FakeTransport;
  #next = 0;
  #acknowledges = true;
  readonly #unacknowledged: AgentMessage[] = [];

  constructor(transport: FakeTransport) {
    this.#transport = transport;
    transport.onSend = (message) => {
      if (message.messageType !== MessageType.input) return;
      if (this.#acknowledges) queueMicrotask(() => this.acknowledge(message));
      else this.#unacknowledged.push(message);
    };
  }

  /** The typed input: the payloads of input messages, each once. */
  get input(): string {
    return Buffer.concat(this.#received(PayloadType.output)).toString('latin1');
  }

  /** The flags that the client has sent. */
  get flags(): readonly number[] {
    return this.#received(PayloadType.flag).map((payload) => payload[3] ?? 0);
  }

  /** `COLSxROWS` of each Size message. */
  get sizes(): readonly string[] {
    return this.#received(PayloadType.size).map((payload) => {
      const size: unknown = JSON.parse(Buffer.from(payload).toString());
      return `${Reflect.get(Object(size), 'cols')}x${Reflect.get(Object(size), 'rows')}`;
    });
  }

  /** From now on, only the test acknowledges messages. */
  stopAcknowledging(): void {
    this.#acknowledges = false;
  }

  /** Acknowledges all messages so far, and all later ones. */
  startAcknowledging(): void {
    this.#acknowledges = true;
    for (const message of this.#unacknowledged.splice(0)) this.acknowledge(message);
  }

  acknowledge(message: AgentMessage): void {
    const frame = this.#encode(
      MessageType.acknowledge,
      0,
      Buffer.from(encodeAcknowledgement(message)),
    );
    this.#transport.deliver(frame);
  }

  output(data: string | Uint8Array): void {
    this.#stream(PayloadType.output, Buffer.from(data));
  }

  handshakeComplete(customerMessage: string): void {
    const payload = { HandshakeTimeToComplete: 1, CustomerMessage: customerMessage };
    this.#stream(PayloadType.handshakeComplete, Buffer.from(JSON.stringify(payload)));
  }

  /** The agent requests one action, known to ecsh or not. */
  requestHandshake(actionType: string, parameters: object = {}): void {
    const action = { ActionType: actionType, ActionParameters: parameters };
    const payload = { AgentVersion: '3.3', RequestedClientActions: [action] };
    this.#stream(PayloadType.handshakeRequest, Buffer.from(JSON.stringify(payload)));
  }

  /** Opens a port session as a real agent does (PROTOCOL 7). */
  openPort(): void {
    const Properties = { portNumber: '80', type: 'LocalPortForwarding' };
    this.requestHandshake('SessionType', { SessionType: 'Port', Properties });
    this.handshakeComplete('');
  }

  /** PROTOCOL 3.6. */
  flag(value: number): void {
    this.#stream(PayloadType.flag, Uint8Array.of(0, 0, 0, value));
  }

  exitCode(text: string): void {
    this.#stream(PayloadType.exitCode, Buffer.from(text));
  }

  /** The service ends the session; `output` is the agent's final message. */
  close(output = ''): void {
    const payload = {
      MessageType: 'channel_closed',
      SessionId: 'ecs-execute-command-1',
      Output: output,
    };
    this.#transport.deliver(
      this.#encode(MessageType.channelClosed, 0, Buffer.from(JSON.stringify(payload))),
    );
  }

  #stream(payloadType: number, payload: Uint8Array): void {
    const frame = this.#encode(MessageType.output, this.#next, payload, payloadType);
    this.#next += 1;
    this.#transport.deliver(frame);
  }

  #received(payloadType: number): readonly Uint8Array[] {
    const seen = new Map<number, Uint8Array>();
    for (const message of this.#transport.messages) {
      const isInput = message.messageType === MessageType.input;
      if (isInput && message.payloadType === payloadType) {
        seen.set(message.sequenceNumber, message.payload);
      }
    }
    return [...seen.values()];
  }

  #encode(
    messageType: string,
    sequenceNumber: number,
    payload: Uint8Array,
    payloadType: number = PayloadType.none,
  ): Uint8Array {
    return encodeMessage({
      messageType,
      createdDate: CREATED,
      sequenceNumber,
      flags: 0,
      messageId: MESSAGE_ID,
      payloadType,
      payload,
    });
  }
}
