/** One websocket of a data channel; a frame is one message (PROTOCOL F-14). */
export interface FrameTransport {
  sendText(text: string): void;
  sendBinary(frame: Uint8Array): void;
  /** Stops reading from the socket: the only way to slow the agent down (PROTOCOL S-6). */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface FrameListener {
  onFrame(frame: Uint8Array): void;
  /** The socket is gone; called once, also after `close()`. */
  onClose(reason: string): void;
}

export type OpenTransport = (
  url: string,
  listener: FrameListener,
  signal: AbortSignal,
) => Promise<FrameTransport>;
