import { isDeepStrictEqual } from "node:util";
import type { Fields, Value } from "./value.ts";

/** Shorter maps are kept as they are: a text of their own would cost more than it saves. */
const PACKED_LENGTH_MIN = 256;

/**
 * A map of a stored document, kept as text: as values it takes several times the memory, and most documents are
 * never read again. It reads like any other value.
 */
class PackedMap implements Value {
  /** The map's fields as JSON. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get mapValue(): { readonly fields: Fields } {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the JSON of just that
    return { fields: JSON.parse(this.text) as Fields };
  }

  toJSON(): Value {
    return { mapValue: this.mapValue };
  }
}

/** Fields as they are kept: large maps among them as text. */
export function packFields(fields: Fields): Fields {
  return mapValues(fields, (value) => {
    if (value instanceof PackedMap || value.mapValue === undefined) {
      return value;
    }
    const text = JSON.stringify(value.mapValue.fields ?? {});
    return text.length < PACKED_LENGTH_MIN ? value : new PackedMap(text);
  });
}

/** Fields as they were before they were packed. */
export function unpackFields(fields: Fields): Fields {
  return mapValues(fields, (value) => (value instanceof PackedMap ? value.toJSON() : value));
}

/** Whether fields that may be packed are the same, in whatever order their maps name them. */
export function areSameFields(left: Fields, right: Fields): boolean {
  const [one, other] = [packFields(left), packFields(right)];
  return (
    isDeepStrictEqual(one, other) ||
    (textLength(one) === textLength(other) &&
      isDeepStrictEqual(unpackFields(one), unpackFields(other)))
  );
}

function textLength(fields: Fields): number {
  return Object.values(fields).reduce(
    (sum, value) => sum + (value instanceof PackedMap ? value.text.length : 0),
    0,
  );
}

function mapValues(fields: Fields, map: (value: Value) => Value): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, map(value)]));
}
