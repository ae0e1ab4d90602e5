import type { Hono } from "hono";
import { LostAnswerError, runWithFaults } from "../kit/faults.ts";
import type { FaultPlan } from "../kit/faults.ts";
import { deleteBlob, getBlob } from "./blob-routes.ts";
import type { Exchange } from "./exchange.ts";
import { deleteManifest, getManifest, putManifest } from "./manifest-routes.ts";
import { parseDestination } from "./image-names.ts";
import { registryUri, repositoryName } from "./names.ts";
import type { RepositoryId } from "./names.ts";
import { listReferrers } from "./referrer-routes.ts";
import { errorResponse, RegistryError, registryError } from "./registry-error.ts";
import type { Registry, Repository } from "./state.ts";
import { listTags } from "./tag-routes.ts";
import {
  appendChunk,
  beginUpload,
  cancelUpload,
  finishUpload,
  getUpload,
} from "./upload-routes.ts";
import type { Uploads } from "./uploads.ts";

/** How many repositories an error lists. */
const REPOSITORIES_LISTED_MAX = 10;

type Operation = {
  /** What a fault plan calls it. */
  readonly name: string;
  readonly run: (exchange: Exchange) => Response | Promise<Response>;
};

type Route = {
  /** The name and, where there is one, the reference. */
  readonly pattern: RegExp;
  /** By HTTP method. */
  readonly operations: Readonly<Partial<Record<string, Operation>>>;
};

/** The routes of the distribution API, tried in this order. */
const ROUTES: readonly Route[] = [
  {
    pattern: /^\/v2\/(.+)\/blobs\/uploads\/?$/,
    operations: { POST: { name: "BeginUpload", run: beginUpload } },
  },
  {
    pattern: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    operations: {
      GET: { name: "GetUpload", run: getUpload },
      PATCH: { name: "AppendChunk", run: appendChunk },
      PUT: { name: "FinishUpload", run: finishUpload },
      DELETE: { name: "CancelUpload", run: cancelUpload },
    },
  },
  {
    pattern: /^\/v2\/(.+)\/blobs\/([^/]+)$/,
    operations: {
      GET: { name: "GetBlob", run: getBlob },
      HEAD: { name: "GetBlob", run: getBlob },
      DELETE: { name: "DeleteBlob", run: deleteBlob },
    },
  },
  {
    pattern: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    operations: {
      GET: { name: "GetManifest", run: getManifest },
      HEAD: { name: "GetManifest", run: getManifest },
      PUT: { name: "PutManifest", run: putManifest },
      DELETE: { name: "DeleteManifest", run: deleteManifest },
    },
  },
  {
    pattern: /^\/v2\/(.+)\/tags\/list$/,
    operations: { GET: { name: "ListImageTags", run: listTags } },
  },
  {
    pattern: /^\/v2\/(.+)\/referrers\/([^/]+)$/,
    operations: { GET: { name: "ListReferrers", run: listReferrers } },
  },
];

/** What the routes work on. */
export type Distribution = {
  readonly registry: Registry;
  readonly uploads: Uploads;
  readonly faults: FaultPlan;
  /** Where a push goes whose name and host have no location. */
  readonly defaultLocation: string;
};

/** Faults name these operations alone or after this, as in `oci.distribution/PutManifest`. */
const SERVICE = "oci.distribution";

/**
 * Serves the OCI distribution API under `/v2/`. Nobody is asked who they are.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function serveDistribution(app: Hono, distribution: Distribution): void {
  const operations = ROUTES.flatMap((route) => Object.values(route.operations));
  distribution.faults.declare(operations.flatMap((one) => (one ? [`${SERVICE}/${one.name}`] : [])));
  const handle = async (context: {
    readonly req: { readonly raw: Request };
  }): Promise<Response> => {
    const response = await answer(context.req.raw, distribution);
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    return response;
  };
  app.all("/v2", handle);
  app.all("/v2/*", handle);
}

/** @throws LostAnswerError for a planned fault, which the server turns into a closed connection. */
async function answer(request: Request, distribution: Distribution): Promise<Response> {
  const url = new URL(request.url);
  if (/^\/v2\/?$/.test(url.pathname)) {
    return Response.json({});
  }
  const found = findOperation(request.method, url.pathname);
  if (found instanceof RegistryError) {
    return errorResponse(found);
  }
  const { operation, name, reference } = found;
  const { faults, registry } = distribution;
  const call = { faults, clock: registry.clock, method: `${SERVICE}/${operation.name}` };
  try {
    return await runWithFaults(call, async () => {
      try {
        const exchange = toExchange(distribution, { request, url, name, reference });
        return await operation.run(exchange);
      } catch (error) {
        return errorResponse(error);
      }
    });
  } catch (error) {
    if (error instanceof LostAnswerError) {
      throw error;
    }
    return errorResponse(error);
  }
}

type Found = {
  readonly operation: Operation;
  readonly name: string;
  readonly reference: string;
};

function findOperation(method: string, path: string): Found | RegistryError {
  for (const { pattern, operations } of ROUTES) {
    const [whole, name = "", reference = ""] = pattern.exec(path) ?? [];
    const operation = operations[method];
    if (whole !== undefined && operation !== undefined) {
      return { operation, name, reference };
    }
    if (whole !== undefined) {
      return registryError("UNSUPPORTED", `${method} is not allowed on ${path}`);
    }
  }
  return registryError("UNSUPPORTED", `${method} ${path} is not implemented`, { status: 404 });
}

type Parts = Pick<Exchange, "request" | "url" | "name" | "reference">;

function toExchange(distribution: Distribution, parts: Parts): Exchange {
  const { registry, uploads, defaultLocation } = distribution;
  const host = parts.request.headers.get("host");
  const id = parseDestination({ path: parts.name, host, defaultLocation });
  const repository = registry.repositories.get(repositoryName(id));
  if (repository === undefined) {
    throw unknownRepository(registry, id);
  }
  function resolve(name: string): ReturnType<Exchange["resolve"]> {
    if (name === "") {
      return null;
    }
    const other = parseDestination({ path: name, host, defaultLocation });
    const found: Repository | undefined = registry.repositories.get(repositoryName(other));
    return found === undefined ? null : { id: other, repository: found };
  }
  return { ...parts, registry, uploads, id, repository, resolve };
}

function unknownRepository(registry: Registry, id: RepositoryId): Error {
  const uris = [...registry.repositories.values()].map((repository) => registryUri(repository.id));
  const listed = uris.toSorted().slice(0, REPOSITORIES_LISTED_MAX);
  const more = uris.length > listed.length ? ` and ${uris.length - listed.length} more` : "";
  const known =
    listed.length === 0 ? "there are none yet" : `there are ${listed.join(", ")}${more}`;
  return registryError(
    "NAME_UNKNOWN",
    `Repository "${registryUri(id)}" not found. A repository is created before images are pushed to it; ${known}`,
  );
}
