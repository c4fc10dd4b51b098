import { ExitStatus, signalStatus } from '#domain/errors/exit-status.ts';
import type { EndSignal } from '#domain/ports/system-ports.ts';
import { FlagValue } from '#protocol/payload.ts';
import { StdinPump } from '#session/stdin-pump.ts';
import type { PluginSide, SidePorts } from './plugin-side.ts';
import { PORT_UNREACHABLE } from './plugin-texts.ts';

/** The time for the agent to read data from before the end of stdin, in milliseconds. */
const TAKE_LIMIT_MS = 5_000;

/** A port as one plain stream on stdin and stdout, as ssh and others use it as a ProxyCommand. */
export class StreamSide implements PluginSide {
  readonly #ports: SidePorts;
  readonly #pump: StdinPump;
  #hasEnded = false;
  #cancelLimit: () => void = () => undefined;

  constructor(ports: SidePorts) {
    this.#ports = ports;
    const end = () => this.#endInput();
    this.#pump = new StdinPump(ports.stdin, {
      onData: (data) => this.#send(data),
      onEnd: end,
      onBroken: end,
    });
  }

  onOutput(data: Uint8Array): void {
    this.#ports.write(data);
  }

  onInputReady(): void {
    // The channel has buffered earlier data.
  }

  onInputDrained(): void {
    this.#pump.resume();
  }

  /** Like in the real plugin, the end of stdin ends the session, but only after all data has arrived. */
  onInputTaken(): void {
    if (this.#hasEnded && this.#ports.connection()?.hasInputRoom) this.#ports.stop(ExitStatus.ok);
  }

  onFlag(flag: number): void {
    if (flag === FlagValue.connectToPortError) this.#ports.write(PORT_UNREACHABLE);
  }

  onSignal(signal: EndSignal): void {
    this.#ports.stop(signalStatus(signal));
  }

  async close(): Promise<void> {
    this.#cancelLimit();
    this.#pump.close();
  }

  #send(data: Uint8Array): void {
    const connection = this.#ports.connection();
    connection?.send(data);
    if (connection?.hasInputRoom === false) this.#pump.pause();
  }

  #endInput(): void {
    this.#hasEnded = true;
    const { clock, stop } = this.#ports;
    this.#cancelLimit = clock.after(TAKE_LIMIT_MS, () => stop(ExitStatus.ok));
  }
}
