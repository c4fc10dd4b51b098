import { EncodedFrames } from './encoded-frames.ts';
import {
  type EnvelopeEvent,
  type EnvelopeFeatures,
  type EnvelopeStream,
  parseFeatures,
} from './envelope.ts';
import type { FrameParser } from './frame-parser.ts';
import { LineSplitter } from './line-splitter.ts';
import { RawFrames } from './raw-frames.ts';

/** Parses the output of envelope.sh, in chunks of any size. */
export class EnvelopeReader {
  readonly #nonce: string;
  readonly #preamble = new LineSplitter();
  #frames: FrameParser | undefined;

  /** @param nonce as given to `createEnvelope` */
  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  read(chunk: Uint8Array): readonly EnvelopeEvent[] {
    const events: EnvelopeEvent[] = [];
    let rest = chunk;
    if (this.#frames === undefined) rest = this.#readPreamble(chunk, events);
    this.#frames?.read(rest, events);
    return events;
  }

  /** Call it when the session has ended. */
  damaged(): readonly EnvelopeStream[] {
    return this.#frames?.damaged() ?? [];
  }

  /** Text before the nonce is not ours: a shell's start-up message, an echo. */
  #readPreamble(chunk: Uint8Array, events: EnvelopeEvent[]): Uint8Array {
    let rest = chunk;
    for (;;) {
      const line = this.#preamble.next(rest);
      if (line === undefined) return new Uint8Array(0);
      rest = new Uint8Array(0);
      const [nonce, text = '', ...more] = line.split(' ');
      const features = nonce === this.#nonce && more.length === 0 ? parseFeatures(text) : undefined;
      if (features === undefined) continue;
      events.push({ type: 'begin', features });
      this.#frames = createParser(features, this.#nonce);
      return this.#preamble.takeRest();
    }
  }
}

function createParser(features: EnvelopeFeatures, nonce: string): FrameParser {
  return features.output === 'raw'
    ? new RawFrames(nonce, features.hasTerminalSettings)
    : new EncodedFrames(nonce, features.output === 'hex' ? 'hex' : 'base64');
}
