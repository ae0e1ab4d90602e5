import type { Persistence, Row, Table } from "./persistence.ts";
import { StoreError } from "./store-file.ts";

/**
 * The state of an emulator: maps of records by name, one a kind. A record is JSON. Records are never changed, only
 * replaced; kept ones are frozen, so that a change that would not be kept fails.
 */
export type RecordMaps = Readonly<Record<string, Map<string, unknown>>>;

/** Forgets every record. */
export function clearRecords(maps: RecordMaps): void {
  for (const records of Object.values(maps)) {
    records.clear();
  }
}

/**
 * Fills maps with what was kept under a name, and from then on keeps whatever is set in them or deleted from them, by
 * itself; gives them back. Without persistence nothing happens; with one that keeps nothing they are only filled.
 * @throws StoreError when what was kept cannot be read, or is of another version's kinds.
 */
export function keepMaps<Maps extends RecordMaps>(
  persistence: Persistence | undefined,
  name: string,
  maps: Maps,
): Maps {
  if (persistence === undefined) {
    return maps;
  }
  const table = persistence.table(name, () => rowsOf(maps));
  for (const { path, value } of table.rows()) {
    const [kind = "", key = ""] = path;
    const records = Object.hasOwn(maps, kind) ? maps[kind] : undefined;
    if (records === undefined) {
      // It was another version's, and would be read wrongly or lost.
      throw new StoreError(
        `What ${name} keeps was written by another version of Slipway: this one has no ${kind} there. Nothing was changed. Copy the folder away if you need it, and remove it to begin anew.`,
      );
    }
    records.set(key, freeze(value));
  }
  for (const [kind, records] of persistence.isKept ? Object.entries(maps) : []) {
    watch(records, kind, table);
  }
  return maps;
}

function* rowsOf(maps: RecordMaps): Iterable<Row> {
  for (const [kind, records] of Object.entries(maps)) {
    for (const [key, value] of records) {
      yield { path: [kind, key], value };
    }
  }
}

/** Has every change of a map written to a table before it happens. */
function watch(map: Map<string, unknown>, kind: string, table: Table): void {
  const plain = new Map<string, unknown>();
  const changes: Pick<typeof map, "set" | "delete" | "clear"> = {
    set: (key, value) => {
      table.set([kind, key], freeze(value));
      return plain.set.call(map, key, value);
    },
    delete: (key) => {
      if (map.has(key)) {
        table.delete([kind, key]);
      }
      return plain.delete.call(map, key);
    },
    clear: () => [...map.keys()].forEach((key) => map.delete(key)),
  };
  for (const [name, value] of Object.entries(changes)) {
    Object.defineProperty(map, name, { value, configurable: true, enumerable: false });
  }
}

/** Freezes a record with all that is in it. @throws TypeError for one that is not JSON */
function freeze<Value>(value: Value): Value {
  if (value instanceof Map || ArrayBuffer.isView(value)) {
    throw new TypeError("A record is JSON: neither maps nor bytes are kept in it");
  }
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
