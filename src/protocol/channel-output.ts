import type { ChannelFailure } from './channel-event.ts';
import type { ChannelHandshake } from './channel-handshake.ts';
import type { ChannelInput } from './channel-input.ts';
import type { ChannelSecurity } from './channel-security.ts';
import type { EventList } from './event-list.ts';
import { type AgentMessage, PayloadType } from './message.ts';
import { decodeExitCode, decodeFlag } from './payload.ts';
import type { ReliableLink } from './reliable-link.ts';

/** The agent's numbered messages in order: output, and the agent's side of a handshake. */
export class ChannelOutput {
  readonly #link: ReliableLink;
  readonly #security: ChannelSecurity;
  readonly #input: ChannelInput;
  readonly #handshake: ChannelHandshake;
  readonly #events: EventList;

  constructor(
    link: ReliableLink,
    security: ChannelSecurity,
    input: ChannelInput,
    handshake: ChannelHandshake,
    events: EventList,
  ) {
    this.#link = link;
    this.#security = security;
    this.#input = input;
    this.#handshake = handshake;
    this.#events = events;
  }

  /** A returned failure ends the session. */
  receive({ payloadType, payload }: AgentMessage, now: number): ChannelFailure | undefined {
    switch (payloadType) {
      case PayloadType.output:
      case PayloadType.stdErr:
      case PayloadType.exitCode:
        return this.#receiveEncrypted(payloadType, payload, now);
      case PayloadType.handshakeRequest:
        return this.#handshake.answer(payload, now);
      case PayloadType.handshakeComplete:
        return this.#handshake.complete(payload, now);
      case PayloadType.encChallengeRequest:
        return this.#handshake.answerChallenge(payload, now);
      default:
        if (payloadType === PayloadType.flag && this.#input.isOfPort) this.#receiveFlag(payload);
        // M-9: counted and acknowledged, otherwise ignored.
        else this.#events.ignore(`payload type ${payloadType}`);
        return undefined;
    }
  }

  /** The payload types that are encrypted under KMS (K-4). */
  #receiveEncrypted(
    payloadType: number,
    payload: Uint8Array,
    now: number,
  ): ChannelFailure | undefined {
    const data = this.#security.open(payload);
    if (!(data instanceof Uint8Array)) {
      // Not acknowledged (4.4): an unreadable message has not been received.
      this.#link.dropOutgoing();
      return data.failure;
    }
    if (payloadType === PayloadType.exitCode) {
      this.#receiveExitCode(data);
      return undefined;
    }
    const stream = payloadType === PayloadType.stdErr ? 'stderr' : 'stdout';
    if (stream === 'stdout') this.#handshake.noteOutput(now);
    this.#events.push({ type: 'output', data, stream });
    return undefined;
  }

  /** Called only for port sessions: the flags of a shell session have no meaning (PROTOCOL 3.6). */
  #receiveFlag(payload: Uint8Array): void {
    const flag = this.#events.read(() => decodeFlag(payload));
    if (flag !== undefined) this.#events.push({ type: 'flag', flag });
  }

  #receiveExitCode(payload: Uint8Array): void {
    const exitCode = decodeExitCode(payload);
    if (exitCode === undefined) this.#events.ignore('exit code that is none');
    else this.#events.push({ type: 'exit-code', exitCode });
  }
}
