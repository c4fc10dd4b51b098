import { signalStatus } from '#domain/errors/exit-status.ts';
import type { EndSignal } from '#domain/ports/system-ports.ts';
import { StdinPump } from '#session/stdin-pump.ts';
import type { PluginSide, SidePorts } from './plugin-side.ts';

const CTRL_C = Uint8Array.of(0x03);
const END_OF_INPUT = Uint8Array.of(0x04);
const NEWLINE = 0x0a;

/**
 * A shell session: stdin goes to the remote terminal unchanged. The real plugin exits at the end of its
 * stdin and loses the output (PROTOCOL 9); ecsh sends Ctrl-D instead, and waits until the remote side
 * ends the session (C-9).
 */
export class TerminalSide implements PluginSide {
  readonly #ports: SidePorts;
  readonly #pump: StdinPump;
  readonly #rawMode: Promise<void>;
  #leaveRawMode: () => void = () => undefined;
  #wasInterrupted = false;
  #isLineStart = true;

  constructor(ports: SidePorts) {
    this.#ports = ports;
    const { keyboard, stdin } = ports;
    const untilClosed = new Promise<void>((resolve) => {
      this.#leaveRawMode = resolve;
    });
    this.#rawMode = keyboard === undefined ? Promise.resolve() : keyboard.raw(() => untilClosed);
    const end = () => this.#endInput();
    this.#pump = new StdinPump(stdin, {
      onData: (data) => this.#send(data),
      onEnd: end,
      onBroken: end,
    });
  }

  onOutput(data: Uint8Array): void {
    this.#ports.write(data);
  }

  onInputReady(): void {
    // The channel has buffered earlier input.
  }

  onInputDrained(): void {
    this.#pump.resume();
  }

  onInputTaken(): void {
    // Port sessions only.
  }

  onFlag(): void {
    // Port sessions only.
  }

  /** Sends Ctrl-C to the remote side as a byte. If stdin is a pipe, the second one ends the session (T-2). */
  onSignal(signal: EndSignal): void {
    if (signal === 'SIGINT' && (this.#ports.keyboard !== undefined || !this.#wasInterrupted)) {
      this.#wasInterrupted = true;
      this.#ports.connection()?.send(CTRL_C);
      return;
    }
    this.#ports.stop(signalStatus(signal));
  }

  async close(): Promise<void> {
    this.#pump.close();
    this.#leaveRawMode();
    await this.#rawMode;
  }

  #send(data: Uint8Array): void {
    const connection = this.#ports.connection();
    connection?.send(data);
    this.#isLineStart = data.at(-1) === NEWLINE;
    if (connection?.hasInputRoom === false) this.#pump.pause();
  }

  #endInput(): void {
    const { keyboard, stop } = this.#ports;
    if (keyboard !== undefined) {
      // The terminal's window was closed.
      stop(signalStatus('SIGHUP'));
      return;
    }
    const connection = this.#ports.connection();
    connection?.send(END_OF_INPUT);
    // In the middle of a line, the first Ctrl-D only flushes the line.
    if (!this.#isLineStart) connection?.send(END_OF_INPUT);
  }
}
