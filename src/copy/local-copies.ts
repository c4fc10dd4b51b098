export type Bytes = AsyncIterable<Uint8Array>;

/** Travels with the content of a file. */
export interface FileAttributes {
  /** Permission bits; undefined: those of a new file. */
  readonly mode: number | undefined;
  /** Seconds since the epoch; undefined: now. */
  readonly modifiedAt: number | undefined;
}

/** Hears about a copy while it is going on. */
export interface CopyListener {
  /** This much content has passed. */
  onBytes(count: number): void;
  /** A file or link has begun. */
  onFile(): void;
  /** Something was left out, and why. */
  onSkip(text: string): void;
  /** A link was made that leads out of the copied directory, as `NAME -> TARGET`. */
  onOutsideLink(text: string): void;
}

export type LocalSource = FileSource | TreeSource;

export interface FileSource extends FileAttributes {
  readonly kind: 'file';
  /** Its name in a directory that it is copied into; empty: it has none. */
  readonly name: string;
  /** Bytes; undefined where it is not known before the end. */
  readonly size: number | undefined;
  read(): Bytes;
}

export interface TreeSource {
  readonly kind: 'tree';
  /** Empty where the content is meant, and not the directory. */
  readonly name: string;
  /** A tar archive from the user, or one as `copy-script.ts` expects it. */
  readonly isForeign: boolean;
  read(listener: CopyListener): Bytes;
}

/** Content under a temporary name. */
export interface StagedFile {
  /** Gives it its final name. */
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** Where a download goes on this machine. */
export interface LocalDestination {
  /**
   * @param cancelled ends a write that waits for the reader of a pipe
   * @throws EcshError when it cannot be written there
   */
  writeFile(
    content: Bytes,
    attributes: FileAttributes,
    cancelled?: AbortSignal,
  ): Promise<StagedFile>;
  /** @throws EcshError when it cannot be written there, or the archive must not be unpacked */
  writeTree(archive: Bytes, listener: CopyListener, cancelled?: AbortSignal): Promise<StagedFile>;
}

export interface DestinationRequest {
  readonly path: string;
  /** Name of the source, for a destination that is a directory. */
  readonly name: string;
  readonly isRecursive: boolean;
  /** Keep permissions exactly as they are in the container, and ignore the umask. */
  readonly preserves: boolean;
}

/** The files of this machine, as a copy needs them. Paths may hold escaped bytes (`exact-text.ts`). */
export interface LocalCopies {
  /** @throws EcshError `source-missing`, `source-is-directory`, `source-unreadable` */
  openSource(path: string, isRecursive: boolean): Promise<LocalSource>;
  /** @throws EcshError `destination-missing`, `destination-not-directory` */
  openDestination(request: DestinationRequest): Promise<LocalDestination>;
  compress(content: Bytes): Bytes;
  decompress(content: Bytes): Bytes;
}
