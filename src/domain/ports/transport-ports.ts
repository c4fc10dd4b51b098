/** One websocket of a data channel; a frame is one message (PROTOCOL F-14). */
export interface FrameTransport {
  /** Starts reading, once. Earlier data waits in the socket, where it is limited. */
  start(): void;
  sendText(text: string): void;
  sendBinary(frame: Uint8Array): void;
  /** Stops reading from the socket: the only way to slow the agent down (PROTOCOL S-6). */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface FrameListener {
  onFrame(frame: Uint8Array): void;
  /** The socket is closed; called once, even after `close()`. */
  onClose(reason: string): void;
}

export type OpenTransport = (
  url: string,
  listener: FrameListener,
  signal: AbortSignal,
) => Promise<FrameTransport>;
