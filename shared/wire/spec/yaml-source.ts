import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";

/** A node that is no alias. */
export type Value = Scalar | YAMLMap | YAMLSeq;

/** A problem of the YAML itself, at an offset of the text. */
export type Flaw = {
  readonly severity: "error" | "warning";
  readonly offset: number;
  readonly message: string;
};

/** A parsed document: its tree, what each alias stands for, and what is wrong with the YAML. */
export type YamlSource = {
  /** Null when the text has no value, or is no YAML at all. */
  readonly root: Value | null;
  readonly aliases: ReadonlyMap<Alias, Value>;
  readonly flaws: readonly Flaw[];
  readonly positionOf: (offset: number) => { readonly line: number; readonly column: number };
};

/** How deep lists and mappings may lie in each other; a service.yaml needs nine. */
const DEPTH_MAX = 64;

/**
 * Parses YAML as yaml.v3 does, keeping positions: duplicate keys, aliases of nothing and syntax errors
 * become flaws. Only the first document counts; another with content is a flaw. Never throws.
 */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  // The library compares every key with every other; `inspect` finds duplicates in linear time.
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const all: readonly Document.Parsed[] = [...documents];
  const syntax = all.flatMap((document) => flawsOf(document));
  const root = all[0]?.contents ?? null;
  const broken = syntax.some((flaw) => flaw.severity === "error");
  const inspection = inspect(broken ? null : root);
  return {
    root: broken || root === null || isAlias(root) ? null : root,
    aliases: inspection.aliases,
    flaws: [...syntax, ...laterDocuments(all), ...inspection.flaws],
    positionOf: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
  };
}

/** Where a node starts in the text. */
export function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/** The text of a key, or null for a key that is a list or a mapping. */
export function keyText(key: unknown): string | null {
  return isScalar(key) ? String(key.source ?? key.value) : null;
}

function flawsOf(document: Document.Parsed): readonly Flaw[] {
  const toFlaw =
    (severity: Flaw["severity"]) =>
    (error: { readonly pos: readonly [number, number]; readonly message: string }): Flaw => ({
      severity,
      offset: error.pos[0],
      message: error.message,
    });
  return [...document.errors.map(toFlaw("error")), ...document.warnings.map(toFlaw("warning"))];
}

function laterDocuments(documents: readonly Document.Parsed[]): readonly Flaw[] {
  return documents
    .slice(1)
    .filter(({ contents }) => !(isScalar(contents) && contents.value === null))
    .map(({ contents }) => ({
      severity: "error",
      offset: offsetOf(contents),
      message:
        "only the first document of a file is read: remove this one and the --- line before it",
    }));
}

type Inspection = {
  readonly anchors: Map<string, Value>;
  readonly aliases: Map<Alias, Value>;
  readonly open: Set<Value>;
  readonly flaws: Flaw[];
};

/** Walks the tree once in document order: resolves aliases and finds what yaml.v3 refuses. */
function inspect(root: Node | null): Inspection {
  const inspection: Inspection = {
    anchors: new Map(),
    aliases: new Map(),
    open: new Set(),
    flaws: [],
  };
  visit(inspection, root, 0);
  return inspection;
}

function visit(inspection: Inspection, node: unknown, depth: number): void {
  if (isAlias(node)) {
    resolveAlias(inspection, node);
    return;
  }
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) {
    return;
  }
  if (node.anchor !== undefined) {
    inspection.anchors.set(node.anchor, node);
  }
  if (depth > DEPTH_MAX) {
    refuse(inspection, node, `lists and mappings may lie at most ${DEPTH_MAX} deep in each other`);
    return;
  }
  inspection.open.add(node);
  if (isMap(node)) {
    visitPairs(inspection, node.items, depth);
  }
  if (isSeq(node)) {
    node.items.forEach((item) => {
      visit(inspection, item, depth + 1);
    });
  }
  inspection.open.delete(node);
}

function visitPairs(inspection: Inspection, pairs: readonly Pair[], depth: number): void {
  const seen = new Set<string>();
  for (const { key, value } of pairs) {
    const name = keyText(key);
    if (name === null) {
      refuse(inspection, key, "a key must be text");
    } else if (seen.has(name)) {
      refuse(inspection, key, `the key "${name}" is there twice: keep one`);
    } else {
      seen.add(name);
    }
    visit(inspection, value, depth + 1);
  }
}

function resolveAlias(inspection: Inspection, alias: Alias): void {
  const value = inspection.anchors.get(alias.source);
  if (value === undefined) {
    refuse(inspection, alias, `nothing before this has the anchor &${alias.source}`);
  } else if (inspection.open.has(value)) {
    refuse(inspection, alias, `the anchor &${alias.source} would contain itself`);
  } else {
    inspection.aliases.set(alias, value);
  }
}

function refuse(inspection: Inspection, node: unknown, message: string): void {
  const offset = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? offsetOf(node) : 0;
  inspection.flaws.push({ severity: "error", offset, message });
}
