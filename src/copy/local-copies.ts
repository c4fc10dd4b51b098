export type Bytes = AsyncIterable<Uint8Array>;

/** Attributes that are sent with the content of a file. */
export interface FileAttributes {
  /** Permission bits; undefined for those of a new file. */
  readonly mode: number | undefined;
  /** Seconds since the epoch; undefined for the current time. */
  readonly modifiedAt: number | undefined;
}

/** Receives events of a copy in progress. */
export interface CopyListener {
  /** Called with a number of bytes that were transferred. */
  onBytes(count: number): void;
  /** Called at the start of each file or link. */
  onFile(): void;
  /** Called with an entry that was skipped, and the reason. */
  onSkip(text: string): void;
  /** Called with a created link that points outside the copied directory, as `NAME -> TARGET`. */
  onOutsideLink(text: string): void;
}

export type LocalSource = FileSource | TreeSource;

export interface FileSource extends FileAttributes {
  readonly kind: 'file';
  /** Its name inside a destination directory; empty if it has none. */
  readonly name: string;
  /** Size in bytes; undefined if it is unknown before the end. */
  readonly size: number | undefined;
  read(): Bytes;
}

export interface TreeSource {
  readonly kind: 'tree';
  /** Empty if only the content is copied, not the directory itself. */
  readonly name: string;
  /** A tar archive from the user, or one in the form that `copy-script.ts` expects. */
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

/** The destination of a download on this machine. */
export interface LocalDestination {
  /**
   * @param cancelled ends a write that waits for the reader of a pipe
   * @throws EcshError if it cannot be written
   */
  writeFile(
    content: Bytes,
    attributes: FileAttributes,
    cancelled?: AbortSignal,
  ): Promise<StagedFile>;
  /** @throws EcshError if it cannot be written, or the archive is unsafe */
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

/** The operations of a copy on local files. Paths may contain escaped bytes (`exact-text.ts`). */
export interface LocalCopies {
  /** @throws EcshError `source-missing`, `source-is-directory`, `source-unreadable` */
  openSource(path: string, isRecursive: boolean): Promise<LocalSource>;
  /** @throws EcshError `destination-missing`, `destination-not-directory` */
  openDestination(request: DestinationRequest): Promise<LocalDestination>;
  compress(content: Bytes): Bytes;
  decompress(content: Bytes): Bytes;
}
