/** What a row of the store holds of a record; maps inside it have rows of their own. */
export type StoredValue = {
  readonly json: string;
  /** The names of the properties that are maps or bytes, as JSON; null where none is. */
  readonly parts: string | null;
  /** The content of the property that is bytes. */
  readonly bytes: Uint8Array | null;
};

type Parts = { readonly maps: readonly string[]; readonly bytes: string | null };

/** A map inside a record. */
export type InnerMap = { readonly property: string; readonly map: Map<string, unknown> };

/** The property under which a value that is a map itself stands. */
const ITSELF = "";

/** The maps that are properties of a record, or the value itself where it is one. */
export function mapsIn(value: unknown): readonly InnerMap[] {
  if (isMap(value)) {
    return [{ property: ITSELF, map: value }];
  }
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return entries.flatMap(([property, map]) => (isMap(map) ? [{ property, map }] : []));
}

/** A record as a row holds it. At most one of its properties is bytes. */
export function toStoredValue(value: unknown): StoredValue {
  const maps = mapsIn(value).map(({ property }) => property);
  if (value instanceof Map) {
    return { json: "null", parts: JSON.stringify({ maps, bytes: null }), bytes: null };
  }
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const found = entries.find((entry): entry is [string, Uint8Array] => isBytes(entry[1]));
  if (maps.length === 0 && found === undefined) {
    return { json: JSON.stringify(value), parts: null, bytes: null };
  }
  const plain = entries.filter(([, one]) => !(one instanceof Map) && !isBytes(one));
  const [name = null, bytes = null] = found ?? [];
  const parts = JSON.stringify({ maps, bytes: name } satisfies Parts);
  return { json: JSON.stringify(Object.fromEntries(plain)), parts, bytes };
}

/** The record of a row; maps inside it are still empty. @throws SyntaxError when it is none. */
export function fromStoredValue({ json, parts, bytes }: StoredValue): unknown {
  const value: unknown = JSON.parse(json);
  if (parts === null) {
    return value;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only toStoredValue writes it
  const { maps, bytes: name } = JSON.parse(parts) as Parts;
  if (maps.includes(ITSELF)) {
    return new Map();
  }
  const inner = maps.map((property): [string, unknown] => [property, new Map()]);
  const content = name === null ? [] : [[name, Buffer.from(bytes ?? [])] as const];
  return Object.assign({}, value, Object.fromEntries([...inner, ...content]));
}

function isMap(value: unknown): value is Map<string, unknown> {
  return value instanceof Map;
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array;
}
