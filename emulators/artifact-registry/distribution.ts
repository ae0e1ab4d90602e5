import type { Hono } from "hono";
import { checkNeeds, identifyCaller } from "../kit/access/guard.ts";
import type { Need } from "../kit/access/rules.ts";
import { LostAnswerError, runWithFaults } from "../kit/faults.ts";
import { appendChunk, beginUpload, finishUpload, getBlob, getUpload } from "./blobs.ts";
import {
  deleteManifest,
  getManifest,
  listReferrers,
  listTags,
  putManifest,
} from "./manifest-routes.ts";
import { packageFor, repositoryOf, uriOf } from "./names.ts";
import { errorResponse, RegistryError } from "./registry-error.ts";
import type { Distribution, Exchange, Registry } from "./state.ts";

/** How many repositories an error lists. */
const REPOSITORIES_LISTED_MAX = 10;

/** What a fault plan calls it, its HTTP methods and path, and what its caller may do with the repository's artifacts. */
type Operation = readonly [
  name: string,
  verbs: string,
  path: RegExp,
  right: "download" | "upload" | "delete",
  run: (exchange: Exchange) => Response | Promise<Response>,
];

const UPLOADS = /^\/v2\/(.+)\/blobs\/uploads\/?$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/;
const BLOB = /^\/v2\/(.+)\/blobs\/(?!uploads\/)([^/]+)$/;
const MANIFEST = /^\/v2\/(.+)\/manifests\/([^/]+)$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;
const REFERRERS = /^\/v2\/(.+)\/referrers\/([^/]+)$/;

/** Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints */
const OPERATIONS: readonly Operation[] = [
  ["BeginUpload", "POST", UPLOADS, "upload", beginUpload],
  ["GetUpload", "GET", UPLOAD, "upload", getUpload],
  ["AppendChunk", "PATCH", UPLOAD, "upload", appendChunk],
  ["FinishUpload", "PUT", UPLOAD, "upload", finishUpload],
  ["GetBlob", "GET HEAD", BLOB, "download", getBlob],
  ["GetManifest", "GET HEAD", MANIFEST, "download", getManifest],
  ["PutManifest", "PUT", MANIFEST, "upload", putManifest],
  ["DeleteManifest", "DELETE", MANIFEST, "delete", deleteManifest],
  ["ListImageTags", "GET", TAGS, "download", listTags],
  ["ListReferrers", "GET", REFERRERS, "download", listReferrers],
];

/** Faults name these operations alone or after this, as in `oci.distribution/PutManifest`. */
const SERVICE = "oci.distribution";

/**
 * Serves the OCI distribution API under `/v2/`.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function serveDistribution(app: Hono, serving: Distribution): void {
  serving.faults.declare(OPERATIONS.map(([name]) => `${SERVICE}/${name}`));
  app.on(["GET", "POST", "PUT", "PATCH", "DELETE"], ["/v2", "/v2/*"], async (context) => {
    const response = await answer(context.req.raw, serving);
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    return response;
  });
}

/** @throws LostAnswerError for a planned fault, which the server turns into a closed connection. */
async function answer(request: Request, serving: Distribution): Promise<Response> {
  const url = new URL(request.url);
  const { faults, registry, defaultLocation } = serving;
  try {
    if (/^\/v2\/?$/.test(url.pathname)) {
      check(serving, request, []);
      return Response.json({});
    }
    const [operation, , path, right, run] = findOperation(request.method, url.pathname);
    const [, name = "", reference = ""] = path.exec(url.pathname) ?? [];
    const inPackage = packageFor(name, { host: request.headers.get("host"), defaultLocation });
    const repository = repositoryOf(inPackage);
    const permission = `artifactregistry.repositories.${right}Artifacts`;
    check(serving, request, [{ permission, resource: repository }]);
    const call = { faults, clock: registry.clock, method: `${SERVICE}/${operation}` };
    return await runWithFaults(call, async () => {
      requireRepository(registry, repository);
      return run({ ...serving, request, url, name, inPackage, reference });
    });
  } catch (error) {
    if (error instanceof LostAnswerError) {
      throw error;
    }
    return errorResponse(error);
  }
}

/** @throws GoogleError UNAUTHENTICATED, PERMISSION_DENIED */
function check({ guard }: Distribution, request: Request, needed: readonly Need[]): void {
  if (guard !== undefined) {
    const headers = Object.fromEntries(request.headers);
    checkNeeds(guard, { member: identifyCaller(guard, headers), headers, needed });
  }
}

function findOperation(method: string, path: string): Operation {
  const there = OPERATIONS.filter(([, , pattern]) => pattern.test(path));
  const operation = there.find(([, verbs]) => verbs.split(" ").includes(method));
  if (operation !== undefined) {
    return operation;
  }
  throw there.length > 0
    ? new RegistryError("UNSUPPORTED", `${method} is not allowed on ${path}`)
    : new RegistryError("UNSUPPORTED", `${method} ${path} is not implemented`, { status: 404 });
}

function requireRepository({ repositories: { records } }: Registry, repository: string): void {
  if (records.has(repository)) {
    return;
  }
  const uris = [...records.keys()].map(uriOf).toSorted();
  const listed = uris.slice(0, REPOSITORIES_LISTED_MAX).join(", ");
  const more = uris.length > REPOSITORIES_LISTED_MAX ? " and more" : "";
  throw new RegistryError(
    "NAME_UNKNOWN",
    `Repository "${uriOf(repository)}" not found. A repository is created before images are pushed to it; there are ${listed || "none yet"}${more}`,
  );
}
