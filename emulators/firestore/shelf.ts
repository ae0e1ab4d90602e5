import { DatabaseSync, type StatementSync } from "node:sqlite";
import { googleError } from "../kit/google-error.ts";
import { type FieldPath, valueAt } from "./field-path.ts";
import type { Fields, Value } from "./value.ts";

/** How much of what lies on the shelf stays at hand, in characters of its text; as values it takes some three times that. */
const AT_HAND_LENGTH_MAX = 2_000_000;

/**
 * How many single values of documents that are not at hand are remembered, some hundred bytes each, and of how many fields.
 * Whoever queries more documents than this has them read again each time.
 */
const VALUES_MAX = 1_000_000;
const PATHS_MAX = 64;

/** How many are written to the file in one turn, so that nobody waits long meanwhile. */
const TURN = 1000;

/** How large the file may get, in pages of 4 KiB: 16 GiB. What is more stays in memory. */
const PAGES_MAX = 4_194_304;

/** Longer texts are not remembered. */
const VALUE_LENGTH_MAX = 100;

/**
 * A file without a name that goes with the process. SQLite writes to it once what is there outgrows its memory; what
 * must last is kept elsewhere.
 * Source: https://www.sqlite.org/inmemorydb.html#temp_db and https://www.sqlite.org/pragma.html
 */
const SETTINGS = `
  PRAGMA journal_mode = MEMORY;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -4096;
  CREATE TABLE shelf (place INTEGER PRIMARY KEY, fields TEXT NOT NULL) STRICT;
`;

/**
 * Where the fields of documents lie: most are never read again, so only those that were used lately are in memory.
 * Places are numbers that are never used twice.
 */
export class Shelf {
  readonly #database = new DatabaseSync("");
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #remove: StatementSync;
  #places = 0;
  /** What is not in the file yet, by place. */
  readonly #waiting = new Map<number, Fields>();
  #isTurnPlanned = false;
  /** By place, the one that was used last at the end. */
  readonly #atHand = new Map<number, { readonly fields: Fields; readonly length: number }>();
  #lengthAtHand = 0;
  /** Values that queries asked for, by path and by place: a query over many documents reads each of them once. */
  readonly #values = new Map<string, Map<number, Value | undefined>>();
  #valueCount = 0;
  readonly #atHandMax: number;
  readonly #valuesMax: number;

  /** `pagesMax` bounds the file, in pages of 4 KiB. */
  constructor({
    atHandMax = AT_HAND_LENGTH_MAX,
    valuesMax = VALUES_MAX,
    pagesMax = PAGES_MAX,
  } = {}) {
    this.#atHandMax = atHandMax;
    this.#valuesMax = valuesMax;
    this.#database.exec(`${SETTINGS} PRAGMA max_page_count = ${pagesMax};`);
    this.#insert = this.#database.prepare("INSERT INTO shelf (place, fields) VALUES (?, ?)");
    this.#select = this.#database.prepare("SELECT fields FROM shelf WHERE place = ?");
    this.#remove = this.#database.prepare("DELETE FROM shelf WHERE place = ?");
  }

  /** Takes fields, which must not change any more, and returns their place. They are in the file some turns later. */
  put(fields: Fields): number {
    this.#places += 1;
    this.#waiting.set(this.#places, fields);
    this.#planTurn();
    return this.#places;
  }

  /** The fields at a place. @throws GoogleError ABORTED when they were taken away. */
  fieldsAt(place: number): Fields {
    const waiting = this.#waiting.get(place);
    if (waiting !== undefined) {
      return waiting;
    }
    const held = this.#atHand.get(place);
    if (held !== undefined) {
      this.#atHand.delete(place);
      this.#atHand.set(place, held);
      return held.fields;
    }
    const text = this.#select.get(place)?.["fields"];
    if (typeof text !== "string") {
      throw googleError("ABORTED", "The document was taken away while it was read.");
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the JSON of just that
    const fields = JSON.parse(text) as Fields;
    this.#keepAtHand(place, fields, text.length);
    return fields;
  }

  /** The value of one field at a place, for which the others need not be read again. */
  valueAt(place: number, path: FieldPath): Value | undefined {
    const fields = this.#waiting.get(place) ?? this.#atHand.get(place)?.fields;
    if (fields !== undefined) {
      return valueAt(fields, path);
    }
    const key = path.join("\0");
    const column = this.#values.get(key);
    const known = column?.get(place);
    if (known !== undefined || column?.has(place) === true) {
      return known;
    }
    const value = valueAt(this.fieldsAt(place), path);
    if (isShort(value)) {
      this.#remember(key, place, value);
    }
    return value;
  }

  /** Takes fields away for good. */
  drop(place: number): void {
    if (this.#waiting.delete(place)) {
      return;
    }
    this.#remove.run(place);
    this.#lengthAtHand -= this.#atHand.get(place)?.length ?? 0;
    this.#atHand.delete(place);
    for (const column of this.#values.values()) {
      this.#valueCount -= column.delete(place) ? 1 : 0;
    }
  }

  #planTurn(): void {
    if (!this.#isTurnPlanned) {
      this.#isTurnPlanned = true;
      setImmediate(() => {
        this.#isTurnPlanned = false;
        this.#write();
      });
    }
  }

  /** Writes what has waited longest. What cannot be written, as on a full disk, stays in memory and is tried again. */
  #write(): void {
    let count = 0;
    for (const [place, fields] of this.#waiting) {
      if (count === TURN) {
        this.#planTurn();
        return;
      }
      count += 1;
      const text = JSON.stringify(fields);
      try {
        this.#insert.run(place, text);
      } catch {
        return;
      }
      this.#waiting.delete(place);
      this.#keepAtHand(place, fields, text.length);
    }
  }

  #keepAtHand(place: number, fields: Fields, length: number): void {
    this.#atHand.set(place, { fields, length });
    this.#lengthAtHand += length;
    for (const [oldest, { length: freed }] of this.#atHand) {
      if (this.#lengthAtHand <= this.#atHandMax || oldest === place) {
        return;
      }
      this.#atHand.delete(oldest);
      this.#lengthAtHand -= freed;
    }
  }

  #remember(key: string, place: number, value: Value | undefined): void {
    const column = this.#values.get(key) ?? new Map<number, Value | undefined>();
    if (
      this.#valueCount >= this.#valuesMax ||
      (column.size === 0 && this.#values.size >= PATHS_MAX)
    ) {
      this.#values.clear();
      this.#valueCount = 0;
      column.clear();
    }
    this.#values.set(key, column);
    column.set(place, value);
    this.#valueCount += 1;
  }
}

function isShort(value: Value = {}): boolean {
  const { stringValue, referenceValue, mapValue, arrayValue, bytesValue } = value;
  const isLarge = [mapValue, arrayValue, bytesValue].some((one) => one !== undefined);
  return !isLarge && (stringValue ?? referenceValue ?? "").length <= VALUE_LENGTH_MAX;
}
