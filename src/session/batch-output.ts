import type { Writable } from 'node:stream';
import type { EnvelopeStream } from '../domain/envelope.ts';
import { OutputSink, type OutputSinkListener } from './output-sink.ts';

/** Both streams of a command on their way to ours, no faster than both are read. */
export class BatchOutput {
  readonly #sinks: Readonly<Record<EnvelopeStream, OutputSink>>;
  readonly #listener: OutputSinkListener;
  #fullSinks = 0;

  constructor(streams: Readonly<Record<EnvelopeStream, Writable>>, listener: OutputSinkListener) {
    this.#listener = listener;
    this.#sinks = {
      stdout: this.#createSink(streams.stdout),
      stderr: this.#createSink(streams.stderr),
    };
  }

  /** On a terminal both are one screen: they come in the order of their arrival. */
  write(stream: EnvelopeStream, data: Uint8Array): void {
    this.#sinks[stream === 'stdout' ? 'stderr' : 'stdout'].flush();
    this.#sinks[stream].write(data);
  }

  /** As `OutputSink.close`, of both. */
  async close(giveUp: Promise<void> | undefined): Promise<void> {
    await Promise.all([this.#sinks.stdout.close(giveUp), this.#sinks.stderr.close(giveUp)]);
  }

  #createSink(stream: Writable): OutputSink {
    const { onFull, onDrain, onBroken } = this.#listener;
    return new OutputSink(stream, {
      onFull: () => {
        this.#fullSinks += 1;
        onFull();
      },
      onDrain: () => {
        this.#fullSinks -= 1;
        if (this.#fullSinks === 0) onDrain();
      },
      onBroken,
    });
  }
}
