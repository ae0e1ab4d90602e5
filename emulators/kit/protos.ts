import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import protobuf from "protobufjs";
import { prunedProtos } from "./prune-protos.ts";

/** How the services' full names begin that some emulator serves, or refuses by name. */
const SERVED = [
  "google.cloud.deploy.v1.",
  "google.cloud.functions.v2.",
  "google.cloud.location.",
  "google.cloud.run.v2.",
  "google.cloud.scheduler.v1.",
  "google.cloud.secretmanager.v1.",
  "google.cloud.sql.",
  "google.devtools.artifactregistry.v1.",
  "google.firestore.",
  "google.iam.v1.",
  "google.longrunning.",
  "google.monitoring.",
  "google.pubsub.v1.",
] as const;

const roots = new Map<string, protobuf.Root>();

/** Descriptors of google.rpc: the details of errors, which not every API's own file has. */
const ERROR_DETAILS = "google-gax/build/protos/status.json";

/**
 * The services of a descriptor file, given as `package/path/protos.json`, that some emulator serves, with the types that
 * they reach. A file is read once in a process, since its types do not change and take megabytes.
 * @throws Error when no such file is installed.
 */
export function loadProtos(specifier: string): protobuf.Root {
  const known = roots.get(specifier);
  if (known !== undefined) {
    return known;
  }
  const text = readFileSync(findFile(specifier), "utf8");
  const root = protobuf.Root.fromJSON(prunedProtos(text, isServed));
  roots.set(specifier, root);
  return root;
}

/** Whether a descriptor file has a service. */
export function hasService(specifier: string, name: string): boolean {
  return loadProtos(specifier).lookup(name, [protobuf.Service]) !== null;
}

function isServed(service: string): boolean {
  return SERVED.some((start) => service.startsWith(start));
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
