import type { Path, Persistence, Row, Table } from "./persistence.ts";
import { StoreError } from "./store-file.ts";
import { type InnerMap, mapsIn } from "./stored-value.ts";

/**
 * The state of an emulator: maps of records by name, one a kind. A record may have maps of records in it. Records are
 * never changed, only replaced; kept ones are frozen, so that a change that would not be kept fails.
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
    checkKind(maps, name, path);
    const key = path.at(-1) ?? "";
    mapAt(maps, path.slice(0, -1))?.set(key, freeze(value));
  }
  for (const [kind, records] of persistence.isKept ? Object.entries(maps) : []) {
    watch(records, [kind], table);
  }
  return maps;
}

/** A kind that nobody has any more was another version's, whose records would be read wrongly or lost. */
function checkKind(maps: RecordMaps, name: string, [kind = ""]: Path): void {
  if (!Object.hasOwn(maps, kind)) {
    throw new StoreError(
      `What ${name} keeps was written by another version of Slipway: this one has no ${kind} there. Nothing was changed. Copy the folder away if you need it, and remove it to begin anew.`,
    );
  }
}

/** Every record of maps, and of the maps in them, each after the one that it is in. */
function* rowsOf(maps: RecordMaps): Iterable<Row> {
  for (const [kind, records] of Object.entries(maps)) {
    yield* rowsIn(records, [kind]);
  }
}

function* rowsIn(records: ReadonlyMap<string, unknown>, path: Path): Iterable<Row> {
  for (const [key, value] of records) {
    const own = [...path, key];
    yield { path: own, value };
    for (const { property, map } of mapsIn(value)) {
      yield* rowsIn(map, [...own, property]);
    }
  }
}

/** The map that a row's path leads to; undefined where a record above is not there. */
function mapAt(maps: RecordMaps, path: Path): Map<string, unknown> | undefined {
  const [kind = "", ...steps] = path;
  let found = Object.hasOwn(maps, kind) ? maps[kind] : undefined;
  for (let step = 0; step < steps.length; step += 2) {
    const inner = mapsIn(found?.get(steps[step] ?? ""));
    found = inner.find(({ property }) => property === steps[step + 1])?.map;
  }
  return found;
}

/** Where a map that is watched stands; null once it was taken out. */
type Place = { path: Path | null };

const PLACES = new WeakMap<Map<string, unknown>, Place>();

/** Has every change of a map, and of the maps in its records, written to a table. */
function watch(map: Map<string, unknown>, path: Path, table: Table): void {
  const place: Place = { path };
  PLACES.set(map, place);
  watchMap(map, {
    set: (key, value) => {
      if (place.path !== null) {
        keepRecord({ before: map.get(key), after: value }, [...place.path, key], table);
      }
    },
    delete: (key) => {
      if (place.path !== null) {
        mapsIn(map.get(key)).forEach(release);
        table.delete([...place.path, key]);
      }
    },
  });
  for (const [key, value] of map) {
    mapsIn(value).forEach((inner) => watch(inner.map, [...path, key, inner.property], table));
  }
}

/** Is told of each change of a map before it happens. */
export type MapWatcher<Value> = {
  readonly set: (key: string, value: Value) => void;
  /** A key that is there; one after the other where the map is cleared. */
  readonly delete: (key: string) => void;
};

/** Tells a watcher of every change of a map from now on, in place of the one before. */
export function watchMap<Value>(map: Map<string, Value>, watcher: MapWatcher<Value>): void {
  const plain = new Map<string, Value>();
  const changes: Pick<Map<string, Value>, "set" | "delete" | "clear"> = {
    set: (key, value) => {
      watcher.set(key, value);
      return plain.set.call(map, key, value);
    },
    delete: (key) => {
      if (map.has(key)) {
        watcher.delete(key);
      }
      return plain.delete.call(map, key);
    },
    clear: () => [...map.keys()].forEach((key) => map.delete(key)),
  };
  for (const [name, value] of Object.entries(changes)) {
    Object.defineProperty(map, name, { value, configurable: true, enumerable: false });
  }
}

type Replaced = { readonly before: unknown; readonly after: unknown };

/** Writes a record and the maps that are new in it, and forgets those that are no more. */
function keepRecord({ before, after }: Replaced, path: Path, table: Table): void {
  const inner = mapsIn(after);
  const remaining = new Set(inner.map(({ map }) => map));
  for (const gone of mapsIn(before).filter(({ map }) => !remaining.has(map))) {
    release(gone);
    table.delete([...path, gone.property]);
  }
  table.set(path, freeze(after));
  inner.forEach((one) => keepInner(one, path, table));
}

/** A map that comes into a kept record is written as a whole, and watched; one that was there already only stays. */
function keepInner({ property, map }: InnerMap, path: Path, table: Table): void {
  const own = [...path, property];
  const place = PLACES.get(map);
  if (place !== undefined && isSame(place.path, own)) {
    return;
  }
  for (const [key, value] of map) {
    table.set([...own, key], freeze(value));
    mapsIn(value).forEach((inner) => keepInner(inner, [...own, key], table));
  }
  watch(map, own, table);
}

function release({ map }: InnerMap): void {
  const place = PLACES.get(map);
  if (place !== undefined) {
    place.path = null;
  }
  [...map.values()].flatMap(mapsIn).forEach(release);
}

function isSame(left: Path | null, right: Path): boolean {
  return left !== null && JSON.stringify(left) === JSON.stringify(right);
}

/** Freezes a record with all that is in it, but for its maps and bytes. */
function freeze<Value>(value: Value): Value {
  const isPlain = typeof value === "object" && value !== null && !ArrayBuffer.isView(value);
  if (isPlain && !(value instanceof Map) && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
