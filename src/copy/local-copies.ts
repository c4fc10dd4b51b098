export type Bytes = AsyncIterable<Uint8Array>;

/** What goes with a file's content. */
export interface FileAttributes {
  /** Permission bits; undefined: as new files have them. */
  readonly mode: number | undefined;
  /** In seconds since the epoch; undefined: now. */
  readonly modifiedAt: number | undefined;
}

/** Told while a copy is going on. */
export interface CopyListener {
  /** This much content has passed. */
  onBytes(count: number): void;
  /** A file of a directory has been begun. */
  onFile(): void;
  /** Something was left out, and why. */
  onSkip(text: string): void;
}

export type LocalSource = FileSource | TreeSource;

export interface FileSource extends FileAttributes {
  readonly kind: 'file';
  /** How it is called in a directory that it is copied into; empty: it has no name. */
  readonly name: string;
  /** Undefined where only its end will tell. */
  readonly size: number | undefined;
  read(): Bytes;
}

export interface TreeSource {
  readonly kind: 'tree';
  /** Empty where the content is meant, and not the directory. */
  readonly name: string;
  /** A tar archive, as `copy-script.ts` expects it, or one that somebody else made. */
  readonly isForeign: boolean;
  read(listener: CopyListener): Bytes;
}

/** What arrives, until it is whole: then it gets its name. */
export interface Draft {
  readonly path: string;
  commit(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/** Where a download goes on this machine. */
export interface LocalDestination {
  /** @throws EcshError when it cannot be written there */
  writeFile(content: Bytes, attributes: FileAttributes): Promise<Draft>;
  writeTree(archive: Bytes, listener: CopyListener): Promise<Draft>;
}

/** The files of this machine, as a copy needs them. */
export interface LocalCopies {
  /** @throws EcshError `source-missing`, `source-is-directory`, `source-unreadable` */
  openSource(path: string, isRecursive: boolean): Promise<LocalSource>;
  /**
   * @param name of the source, for a destination that is a directory
   * @throws EcshError `destination-missing`, `destination-not-directory`
   */
  openDestination(path: string, name: string, isRecursive: boolean): Promise<LocalDestination>;
  compress(content: Bytes): Bytes;
  decompress(content: Bytes): Bytes;
}
