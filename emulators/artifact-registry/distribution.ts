import type { Hono } from "hono";
import { checkNeeds, type Guard, identifyCaller } from "../kit/access/guard.ts";
import { LostAnswerError, runWithFaults } from "../kit/faults.ts";
import type { FaultPlan } from "../kit/faults.ts";
import { deleteBlob, getBlob } from "./blob-routes.ts";
import { type Distribution, type Exchange, imageAt, placeOf } from "./exchange.ts";
import {
  deleteManifest,
  getManifest,
  listReferrers,
  listTags,
  putManifest,
} from "./manifest-routes.ts";
import { type ImageId, registryUri, repositoryName } from "./names.ts";
import { errorResponse, registryError } from "./registry-error.ts";
import type { Registry } from "./state.ts";
import { appendChunk, beginUpload, cancelUpload, finishUpload, getUpload } from "./uploads.ts";

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
const remove = { needs: "deleteArtifacts" } as const;

/** Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints */
const OPERATIONS: readonly Operation[] = [
  { name: "BeginUpload", run: beginUpload, at: ["POST", UPLOADS], ...push },
  { name: "GetUpload", run: getUpload, at: ["GET", UPLOAD], ...push },
  { name: "AppendChunk", run: appendChunk, at: ["PATCH", UPLOAD], ...push },
  { name: "FinishUpload", run: finishUpload, at: ["PUT", UPLOAD], ...push },
  { name: "CancelUpload", run: cancelUpload, at: ["DELETE", UPLOAD], ...remove },
  { name: "GetBlob", run: getBlob, at: ["GET HEAD", BLOB], ...pull },
  { name: "DeleteBlob", run: deleteBlob, at: ["DELETE", BLOB], ...remove },
  { name: "GetManifest", run: getManifest, at: ["GET HEAD", MANIFEST], ...pull },
  { name: "PutManifest", run: putManifest, at: ["PUT", MANIFEST], ...push },
  { name: "DeleteManifest", run: deleteManifest, at: ["DELETE", MANIFEST], ...remove },
  { name: "ListImageTags", run: listTags, at: ["GET", TAGS], ...pull },
  { name: "ListReferrers", run: listReferrers, at: ["GET", REFERRERS], ...pull },
];

/** Faults name these operations alone or after this, as in `oci.distribution/PutManifest`. */
const SERVICE = "oci.distribution";

type Serving = Distribution & {
  readonly faults: FaultPlan;
  /** Undefined asks nobody who they are. */
  readonly guard: Guard | undefined;
};

/**
 * Serves the OCI distribution API under `/v2/`.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function serveDistribution(app: Hono, serving: Serving): void {
  serving.faults.declare(OPERATIONS.map(({ name }) => `${SERVICE}/${name}`));
  app.on(["GET", "POST", "PUT", "PATCH", "DELETE"], ["/v2", "/v2/*"], async (context) => {
    const response = await answer(context.req.raw, serving);
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    return response;
  });
}

/** @throws LostAnswerError for a planned fault, which the server turns into a closed connection. */
async function answer(request: Request, serving: Serving): Promise<Response> {
  const url = new URL(request.url);
  const { faults, registry } = serving;
  try {
    if (/^\/v2\/?$/.test(url.pathname)) {
      check(serving, request, []);
      return Response.json({});
    }
    const { operation, name, reference } = findOperation(request.method, url.pathname);
    const id = imageAt(serving, request, name);
    const permission = `artifactregistry.repositories.${operation.needs}`;
    check(serving, request, [{ permission, resource: repositoryName(id) }]);
    const call = { faults, clock: registry.clock, method: `${SERVICE}/${operation.name}` };
    return await runWithFaults(call, async () => {
      const place = placeOf(serving, id) ?? refuseUnknown(registry, id);
      return operation.run({ ...serving, ...place, request, url, name, reference });
    });
  } catch (error) {
    if (error instanceof LostAnswerError) {
      throw error;
    }
    return errorResponse(error);
  }
}

/** @throws GoogleError UNAUTHENTICATED, PERMISSION_DENIED */
function check(
  { guard }: Serving,
  request: Request,
  needed: readonly { readonly permission: string; readonly resource: string }[],
): void {
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
    ? registryError("UNSUPPORTED", `${method} is not allowed on ${path}`)
    : registryError("UNSUPPORTED", `${method} ${path} is not implemented`, { status: 404 });
}

function refuseUnknown(registry: Registry, id: ImageId): never {
  const uris = [...registry.repositories.values()].map((repository) => registryUri(repository.id));
  const listed = uris.toSorted().slice(0, REPOSITORIES_LISTED_MAX);
  const more = uris.length > listed.length ? ` and ${uris.length - listed.length} more` : "";
  const known =
    listed.length === 0 ? "there are none yet" : `there are ${listed.join(", ")}${more}`;
  throw registryError(
    "NAME_UNKNOWN",
    `Repository "${registryUri(id)}" not found. A repository is created before images are pushed to it; ${known}`,
  );
}
