/** Where a record is kept: the map, and its key there. */
export type Path = readonly string[];

/** A record that was kept. */
export type Row = { readonly path: Path; readonly value: unknown };

/** What one emulator keeps. Records are never changed after they were handed over. */
export type Table = {
  /** Every record, in the order in which they came first. @throws StoreError */
  readonly rows: () => Iterable<Row>;
  /** Keeps a record in place of the one at this path, if any. */
  readonly set: (path: Path, value: unknown) => void;
  /** Forgets the record at a path. */
  readonly delete: (path: Path) => void;
};

/** Where emulators keep their state across restarts. */
export type Persistence = {
  /** Whether it is kept beyond the process; if not, nothing is watched, and nothing waits. */
  readonly isKept: boolean;
  /** What is kept under an emulator's name. `held` gives all that it holds at a moment, for a copy. */
  readonly table: (name: string, held: () => Iterable<Row>) => Table;
  /**
   * Resolves when all that has changed so far is on disk; null when it is already. No answer is sent before.
   * Rejects with UNAVAILABLE when it cannot be written, and is tried again at the next call.
   */
  readonly saved: () => Promise<void> | null;
  /**
   * Writes all that is held to another file, for its owner alone. What is held when it is called is in the copy, of all
   * emulators at one moment.
   */
  readonly copyTo: (file: string) => Promise<void>;
  /** Writes what is left and lets go of the file. */
  readonly close: () => Promise<void>;
};
