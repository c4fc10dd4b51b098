import type { ChannelEvent } from './channel-event.ts';
import { FrameError } from './message-codec.ts';
import { PayloadError } from './payload.ts';

/** The events of a channel since the last call. */
export class EventList {
  #events: ChannelEvent[] = [];

  push(event: ChannelEvent): void {
    // Most frames cause one event, and a push to an empty array allocates room for 17.
    if (this.#events.length === 0) this.#events = [event];
    else this.#events.push(event);
  }

  ignore(what: string): void {
    this.push({ type: 'ignored', what });
  }

  /** The value, or undefined if the peer broke a rule, which is logged and does not end the session. */
  read<T>(decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof FrameError) && !(error instanceof PayloadError)) throw error;
      this.ignore(error.message);
      return undefined;
    }
  }

  take(): readonly ChannelEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
