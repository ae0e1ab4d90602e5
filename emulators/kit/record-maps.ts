/** The state of an emulator that is all records by name, one map a kind. */
export type RecordMaps = Readonly<Record<string, Map<string, unknown>>>;

/** Forgets every record. */
export function clearRecords(maps: RecordMaps): void {
  for (const records of Object.values(maps)) {
    records.clear();
  }
}

/** The records as JSON. */
export function snapshotRecords(maps: RecordMaps): unknown {
  return Object.fromEntries(Object.entries(maps).map(([kind, records]) => [kind, [...records]]));
}

/** Adds what `snapshotRecords` made of maps of the same kinds; `undefined` adds nothing. */
export function restoreRecords(maps: RecordMaps, snapshot: unknown): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only snapshotRecords writes it
  const kept = (snapshot ?? {}) as Readonly<
    Record<string, readonly (readonly [string, unknown])[]>
  >;
  for (const [kind, records] of Object.entries(maps)) {
    for (const [name, record] of kept[kind] ?? []) {
      records.set(name, record);
    }
  }
}
