import type { Endpoint } from "../ports.ts";

/** An endpoint that the one address leads to, and how callers name it. */
export type Served = {
  readonly endpoint: Endpoint;
  /** The API's name at Google, as in `NAME.googleapis.com`; null for what is not an API of Google's. */
  readonly api: string | null;
  /** How its gRPC services begin. */
  readonly grpc: string | null;
  /** Paths that no other API has, by which clients that know no prefix find it. */
  readonly paths: RegExp | null;
};

type Names = Partial<Omit<Served, "endpoint">>;

/** All that the one address leads to. */
export const SERVED: readonly Served[] = [
  at("registry", {
    api: "artifactregistry",
    grpc: "google.devtools.artifactregistry.",
    paths: /^\/v2(?:\/|$)/,
  }),
  at("api", { paths: /^\/(?:v1\/(?!projects\/)|openapi\.json$)/ }),
  at("cloudDeploy", { api: "clouddeploy", grpc: "google.cloud.deploy." }),
  at("cloudRun", { api: "run", grpc: "google.cloud.run.", paths: /^\/apis\// }),
  at("firestore", {
    api: "firestore",
    grpc: "google.firestore.",
    paths: /^\/v1\/projects\/[^/]+\/databases(?:[/:]|$)/,
  }),
  at("pubsub", {
    api: "pubsub",
    grpc: "google.pubsub.",
    paths: /^\/v1\/projects\/[^/]+\/(?:topics|subscriptions|snapshots)(?:[/:]|$)/,
  }),
  at("identity", { api: "cloudidentity" }),
  at("storage", {
    api: "storage",
    paths: /^\/(?:(?:upload|resumable\/upload|download)\/)?storage\/v1\//,
  }),
  at("cloudSql", { api: "sqladmin", paths: /^\/sql\// }),
  at("gkeBackup", { api: "gkebackup", grpc: "google.cloud.gkebackup." }),
  at("monitoring", { api: "monitoring", grpc: "google.monitoring." }),
  at("secretManager", { api: "secretmanager", grpc: "google.cloud.secretmanager." }),
  at("scheduler", { api: "cloudscheduler", grpc: "google.cloud.scheduler." }),
  at("iam", { api: "iam", grpc: "google.iam.admin." }),
  at("resourceManager", { api: "cloudresourcemanager", grpc: "google.cloud.resourcemanager." }),
  at("serviceUsage", { api: "serviceusage", grpc: "google.api.serviceusage." }),
  at("cloudBilling", { api: "cloudbilling", grpc: "google.cloud.billing." }),
  at("cloudFunctions", { api: "cloudfunctions", grpc: "google.cloud.functions." }),
  at("loadBalancer", {}),
  at("slack", {}),
  at("github", {}),
];

function at(endpoint: Endpoint, { api = null, grpc = null, paths = null }: Names): Served {
  return { endpoint, api, grpc, paths };
}
