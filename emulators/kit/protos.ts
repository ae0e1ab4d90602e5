import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import protobuf from "protobufjs";

const roots = new Map<string, protobuf.Root>();

/** Descriptors of google.rpc: the details of errors, which not every API's own file has. */
const ERROR_DETAILS = "google-gax/build/protos/status.json";

/**
 * The message and service types of a descriptor file, given as `package/path/protos.json`. A file is
 * read once in a process, since its types do not change and take megabytes.
 * @throws Error when no such file is installed.
 */
export function loadProtos(specifier: string): protobuf.Root {
  const known = roots.get(specifier);
  if (known !== undefined) {
    return known;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the file is protobufjs' own form
  const description = JSON.parse(readFileSync(findFile(specifier), "utf8")) as protobuf.INamespace;
  const root = protobuf.Root.fromJSON(description);
  roots.set(specifier, root);
  return root;
}

/** Whether a descriptor file has a service. */
export function hasService(specifier: string, name: string): boolean {
  return loadProtos(specifier).lookup(name, [protobuf.Service]) !== null;
}

/** The type of a message by its full name, or of google.rpc's error details; null when unknown. */
export function findType(root: protobuf.Root, name: string): protobuf.Type | null {
  const own =
    root.lookup(name, [protobuf.Type]) ?? loadProtos(ERROR_DETAILS).lookup(name, [protobuf.Type]);
  return own instanceof protobuf.Type ? own : null;
}

/** The type of google.rpc.Status, together with the types of its details. */
export function statusType(): protobuf.Type {
  return loadProtos(ERROR_DETAILS).lookupType("google.rpc.Status");
}

/** Looks in the folders where packages are, because `exports` of a package may hide its files. */
function findFile(specifier: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(specifier) ?? []) {
    const file = join(folder, specifier);
    if (existsSync(file)) {
      return file;
    }
  }
  throw new Error(`No such descriptor file: ${specifier}`);
}
