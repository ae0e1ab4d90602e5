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

type Operation = {
  /** What a fault plan calls it. */
  readonly name: string;
  readonly run: (exchange: Exchange) => Response | Promise<Response>;
  /** Its HTTP methods, and the path with the name and, where there is one, the reference. */
  readonly at: readonly [verbs: string, path: RegExp];
  /** The permission of its caller, on the repository. */
  readonly needs: "downloadArtifacts" | "uploadArtifacts" | "deleteArtifacts";
};

const UPLOADS = /^\/v2\/(.+)\/blobs\/uploads\/?$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/;
const BLOB = /^\/v2\/(.+)\/blobs\/(?!uploads\/)([^/]+)$/;
const MANIFEST = /^\/v2\/(.+)\/manifests\/([^/]+)$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;
const REFERRERS = /^\/v2\/(.+)\/referrers\/([^/]+)$/;

const pull = { needs: "downloadArtifacts" } as const;
const push = { needs: "uploadArtifacts" } as const;

/** Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints */
const OPERATIONS: readonly Operation[] = [
  { name: "BeginUpload", run: beginUpload, at: ["POST", UPLOADS], ...push },
  { name: "GetUpload", run: getUpload, at: ["GET", UPLOAD], ...push },
  { name: "AppendChunk", run: appendChunk, at: ["PATCH", UPLOAD], ...push },
  { name: "FinishUpload", run: finishUpload, at: ["PUT", UPLOAD], ...push },
  { name: "GetBlob", run: getBlob, at: ["GET HEAD", BLOB], ...pull },
  { name: "GetManifest", run: getManifest, at: ["GET HEAD", MANIFEST], ...pull },
  { name: "PutManifest", run: putManifest, at: ["PUT", MANIFEST], ...push },
  {
    name: "DeleteManifest",
    run: deleteManifest,
    at: ["DELETE", MANIFEST],
    needs: "deleteArtifacts",
  },
  { name: "ListImageTags", run: listTags, at: ["GET", TAGS], ...pull },
  { name: "ListReferrers", run: listReferrers, at: ["GET", REFERRERS], ...pull },
];

/** Faults name these operations alone or after this, as in `oci.distribution/PutManifest`. */
const SERVICE = "oci.distribution";

/**
 * Serves the OCI distribution API under `/v2/`.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function serveDistribution(app: Hono, serving: Distribution): void {
  serving.faults.declare(OPERATIONS.map(({ name }) => `${SERVICE}/${name}`));
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
    const { operation, name, reference } = findOperation(request.method, url.pathname);
    const inPackage = packageFor(name, { host: request.headers.get("host"), defaultLocation });
    const repository = repositoryOf(inPackage);
    const permission = `artifactregistry.repositories.${operation.needs}`;
    check(serving, request, [{ permission, resource: repository }]);
    const call = { faults, clock: registry.clock, method: `${SERVICE}/${operation.name}` };
    return await runWithFaults(call, async () => {
      requireRepository(registry, repository);
      return operation.run({ ...serving, request, url, name, inPackage, reference });
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

function findOperation(
  method: string,
  path: string,
): { readonly operation: Operation; readonly name: string; readonly reference: string } {
  const there = OPERATIONS.filter(({ at }) => at[1].test(path));
  const operation = there.find(({ at }) => at[0].split(" ").includes(method));
  if (operation !== undefined) {
    const [, name = "", reference = ""] = operation.at[1].exec(path) ?? [];
    return { operation, name, reference };
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
