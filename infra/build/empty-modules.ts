/** Files of types compiled to JavaScript, which only TypeScript asks for. */
export const COMPILED_TYPES =
  /node_modules\/(?:@google-cloud\/(?!firestore-api\/)[^/]+\/build\/protos\/protos|google-gax\/build\/protos\/(?:iam_service|locations))\.js$/;

const CLIENT = /node_modules\/@google-cloud\/[^/]+\/build\/src\/v[^/]+\/[a-z0-9_]+_client\.js$/;

/** Files of Google's packages that may hold nothing a function uses; see `isUnused`. */
export const MAYBE_UNUSED = new RegExp(`${COMPILED_TYPES.source}|${CLIENT.source}`);

/** The service that a client asks its descriptions for, such as `google.pubsub.v1.Publisher`. */
const SERVICE = /this\._protos\s*\.(?<name>google(?:\s*\.\w+)+),/;

/**
 * Whether nothing uses what a file of Google's packages exports. There are two kinds of such files, and their packages load
 * all of them at once: types compiled to JavaScript, which only TypeScript asks for, since clients build theirs from the
 * descriptions in JSON (Firestore's client is the exception: it takes its values from the compiled ones); and clients of services
 * that no function calls.
 * @param id the file's path, one that MAYBE_UNUSED matches.
 * @param services full names of the services that are called.
 */
export function isUnused(id: string, code: string, services: readonly string[]): boolean {
  if (COMPILED_TYPES.test(id)) {
    return true;
  }
  const name = SERVICE.exec(code)?.groups?.["name"]?.replaceAll(/\s/g, "");
  return name !== undefined && !services.includes(name);
}
