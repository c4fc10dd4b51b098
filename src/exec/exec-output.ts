import type { Writable } from 'node:stream';
import type { EnvelopeStream } from '#envelope/envelope.ts';
import { OutputSink, type OutputSinkListener } from '#session/output-sink.ts';
import { OutputHold, type OutputHoldPorts } from './output-hold.ts';

export interface ExecOutputPorts extends OutputHoldPorts, Pick<OutputSinkListener, 'onBroken'> {}

/** Both streams of a command, no faster than ecsh's own are read. */
export class ExecOutput {
  readonly #sinks: Readonly<Record<EnvelopeStream, OutputSink>>;
  readonly #hold: OutputHold;
  readonly #onBroken: OutputSinkListener['onBroken'];
  #fullSinks = 0;

  constructor(streams: Readonly<Record<EnvelopeStream, Writable>>, ports: ExecOutputPorts) {
    this.#hold = new OutputHold(ports);
    this.#onBroken = ports.onBroken;
    this.#sinks = {
      stdout: this.#createSink(streams.stdout),
      stderr: this.#createSink(streams.stderr),
    };
  }

  /** Writes in order of arrival if both streams share a terminal. */
  write(stream: EnvelopeStream, data: Uint8Array): void {
    this.#sinks[stream === 'stdout' ? 'stderr' : 'stdout'].flush();
    this.#sinks[stream].write(data);
  }

  /** Like `OutputHold.release`. */
  release(): void {
    this.#hold.release();
  }

  /** Counts received bytes. */
  note(bytes: number): void {
    this.#hold.note(bytes);
  }

  /** Like `OutputSink.close`, for both. */
  async close(giveUp: Promise<void> | undefined): Promise<void> {
    this.#hold.close();
    await Promise.all([this.#sinks.stdout.close(giveUp), this.#sinks.stderr.close(giveUp)]);
  }

  #createSink(stream: Writable): OutputSink {
    return new OutputSink(stream, {
      onFull: () => {
        this.#fullSinks += 1;
        this.#hold.onFull();
      },
      onDrain: () => {
        this.#fullSinks -= 1;
        if (this.#fullSinks === 0) this.#hold.onDrain();
      },
      onBroken: this.#onBroken,
    });
  }
}
