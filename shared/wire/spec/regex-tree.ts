/** How often an atom of a regular expression repeats. */
export type Quantifier = { readonly min: number; readonly max: number };

/** One character, class, escape, anchor or group of a regular expression, and how often it repeats. */
export type Atom = {
  readonly source: string;
  /** The alternatives of a group; null for everything else. */
  readonly group: readonly (readonly Atom[])[] | null;
  readonly quantifier: Quantifier | null;
};

const CLASS = /^\[(?:\\.|[^\]\\])*\]/s;
const ESCAPE = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|k<[^>]*>|\d+|.)/s;
const GROUP_START = /^\((?:\?(?::|<?[=!]|<[^>]*>))?/;
const QUANTIFIER = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/;

/** The alternatives of a regular expression that the engine accepts, as a tree. */
export function parseRegex(pattern: string): readonly (readonly Atom[])[] {
  return readAlternatives({ pattern, position: 0 });
}

/** Every atom of a tree, outermost first. */
export function atomsOf(tree: readonly (readonly Atom[])[]): readonly Atom[] {
  const outer = tree.flat();
  return outer.concat(outer.flatMap(({ group }) => atomsOf(group ?? [])));
}

type Reader = { readonly pattern: string; position: number };

/** Reads up to the end of the group, or of the pattern. */
function readAlternatives(reader: Reader): readonly (readonly Atom[])[] {
  const all: Atom[][] = [[]];
  while (reader.position < reader.pattern.length) {
    const next = reader.pattern[reader.position];
    if (next === ")") {
      break;
    }
    if (next === "|") {
      reader.position += 1;
      all.push([]);
    } else {
      all.at(-1)?.push(readAtom(reader));
    }
  }
  return all;
}

function readAtom(reader: Reader): Atom {
  const start = take(reader, GROUP_START);
  if (start !== null) {
    const group = readAlternatives(reader);
    reader.position += 1;
    return { source: start, group, quantifier: readQuantifier(reader) };
  }
  const source = take(reader, CLASS) ?? take(reader, ESCAPE) ?? take(reader, /^./s) ?? "";
  return { source, group: null, quantifier: readQuantifier(reader) };
}

function readQuantifier(reader: Reader): Quantifier | null {
  const text = take(reader, QUANTIFIER);
  const parts = text === null ? null : QUANTIFIER.exec(text);
  if (parts === null) {
    return null;
  }
  const [, sign, least, comma, most] = parts;
  if (sign !== undefined) {
    return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
  }
  const min = Number(least);
  if (comma === undefined) {
    return { min, max: min };
  }
  return { min, max: most === "" ? Number.POSITIVE_INFINITY : Number(most) };
}

function take(reader: Reader, pattern: RegExp): string | null {
  const found = pattern.exec(reader.pattern.slice(reader.position));
  reader.position += found?.[0].length ?? 0;
  return found?.[0] ?? null;
}
