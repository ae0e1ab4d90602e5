/*
 * Google's clients carry the description of every service of their package, and of every type of those. To build all of
 * them was a fifth of a start, of a function as of the local cloud. What no wanted service can reach is left out.
 */

/**
 * A namespace, message, enum, service or field as protobuf.js writes it in JSON.
 * Source: https://github.com/protobufjs/protobuf.js#using-json-descriptors
 */
type Described = { readonly [key: string]: unknown };

/** The option of a method that names what its long-running operation gives. */
const OPERATION_OPTION = "(google.longrunning.operation_info)";

type Node = {
  readonly path: string;
  readonly json: Described;
  readonly parent: Node | null;
};

/**
 * The description of those services, with the types that they can reach, and nothing else. One of types alone, such as
 * the details of errors, stays whole.
 * @param json the description as the package has it.
 * @param services full names, such as `google.pubsub.v1.Publisher`; those of other packages are passed over.
 * @throws Error for a type that is named and not there.
 */
export function pruneProtos(json: string, services: readonly string[]): string {
  return JSON.stringify(prunedProtos(json, (name) => services.includes(name)));
}

/** The same as an object, of the services that are wanted by their full names. */
export function prunedProtos(text: string, isWanted: (service: string) => boolean): Described {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a description of services is an object
  const root = JSON.parse(text) as Described;
  const nodes = new Map<string, Node>();
  collect({ path: "", json: root, parent: null }, nodes);
  const kept = new Set<string>();
  const services = [...nodes.values()].filter(({ json }) => json["methods"] !== undefined);
  if (services.length === 0) {
    return root;
  }
  const waiting = services.filter(({ path }) => isWanted(path));
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (kept.has(node.path)) {
      continue;
    }
    kept.add(node.path);
    if (node.parent !== null && !isNamespace(node.parent.json)) {
      waiting.push(node.parent);
    }
    for (const name of namesIn(node.json)) {
      waiting.push(resolve(nodes, node, name));
    }
  }
  return copy(root, "", kept) ?? {};
}

function collect(node: Node, nodes: Map<string, Node>): void {
  nodes.set(node.path, node);
  for (const [name, json] of entries(node.json["nested"])) {
    collect({ path: under(node.path, name), json, parent: node }, nodes);
  }
}

function under(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Every type that a message or a service names. */
function namesIn(json: Described): readonly string[] {
  const fields = entries(json["fields"]).map(([, field]) => textOf(field["type"]));
  const methods = entries(json["methods"]).flatMap(([, method]) =>
    [textOf(method["requestType"]), textOf(method["responseType"])].concat(
      operationTypes(method["options"]),
    ),
  );
  return [...fields, ...methods].filter((name) => !SCALARS.has(name));
}

function operationTypes(options: unknown): readonly string[] {
  return Object.entries(isDescribed(options) ? options : {}).flatMap(([key, value]) => {
    if (!key.startsWith(OPERATION_OPTION)) {
      return [];
    }
    const info = isDescribed(value) ? Object.values(value) : [value];
    return info.filter((one) => typeof one === "string");
  });
}

/** A name as it is looked up from a place: there first, then further and further out. */
function resolve(nodes: ReadonlyMap<string, Node>, from: Node, name: string): Node {
  const isAbsolute = name.startsWith(".");
  for (let scope: Node | null = from; scope !== null; scope = scope.parent) {
    const found = nodes.get(isAbsolute ? name.slice(1) : under(scope.path, name));
    if (found !== undefined && !isNamespace(found.json)) {
      return found;
    }
  }
  throw new Error(`${from.path} names ${name}, which is not there`);
}

/** What is kept of a description; null for nothing. What else a namespace has, such as extensions, is left out. */
function copy(json: Described, path: string, kept: ReadonlySet<string>): Described | null {
  const isKept = kept.has(path);
  if (!isKept && !isNamespace(json)) {
    return null;
  }
  const nested = entries(json["nested"]).flatMap(([name, inner]) => {
    const part = copy(inner, under(path, name), kept);
    return part === null ? [] : [[name, part] as const];
  });
  if (!isKept && nested.length === 0) {
    return null;
  }
  const own = isKept ? json : pick(json, ["options", "edition"]);
  const { nested: _, ...rest } = own;
  return nested.length === 0 ? rest : { ...rest, nested: Object.fromEntries(nested) };
}

function pick(json: Described, keys: readonly string[]): Described {
  return Object.fromEntries(Object.entries(json).filter(([key]) => keys.includes(key)));
}

function isNamespace(json: Described): boolean {
  return ["fields", "values", "methods", "type"].every((key) => json[key] === undefined);
}

function entries(value: unknown): readonly (readonly [string, Described])[] {
  return Object.entries(isDescribed(value) ? value : {}).flatMap(([name, inner]) =>
    isDescribed(inner) ? [[name, inner] as const] : [],
  );
}

function isDescribed(value: unknown): value is Described {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The types that are no messages; a method or an enum without a type has an empty one. */
const SCALARS: ReadonlySet<string> = new Set(
  [
    "",
    "double float int32 uint32 sint32 fixed32 sfixed32",
    "int64 uint64 sint64 fixed64 sfixed64 bool string bytes",
  ].flatMap((line) => line.split(" ")),
);
