import * as grpc from "@grpc/grpc-js";
import type { LocalWorld } from "../support/local-world.ts";

/** How the local cloud itself is asked. */
export type Asking = {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: object;
};

/** What the local cloud itself answers. */
export async function control(
  { file }: LocalWorld,
  path: string,
  { method = "GET", body, headers }: Asking = {},
): Promise<{ readonly status: number; readonly json: unknown }> {
  const answer = await fetch(`${file.address}/emulator/v1/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const json: unknown = await answer.json();
  return { status: answer.status, json };
}

/** Where the local project has its resources. */
export const LOCATION = "projects/slipway-local/locations/us-central1";

/** A method of each API, and where it is over REST. */
export const METHODS: readonly (readonly [api: string, method: string, path: string])[] = [
  ["cloudDeploy", "ListTargets", `v1/${LOCATION}/targets`],
  ["cloudRun", "ListServices", `v2/${LOCATION}/services`],
  ["firestore", "ListDatabases", "v1/projects/slipway-local/databases"],
  ["pubsub", "ListTopics", "v1/projects/slipway-local/topics"],
  ["identity", "GetKeys", "certs"],
  ["storage", "buckets.list", "storage/v1/b?project=slipway-local"],
  ["cloudSql", "List", "sql/v1beta4/projects/slipway-local/instances"],
  ["gkeBackup", "ListBackupPlans", `v1/${LOCATION}/backupPlans`],
  ["monitoring", "ListAlertPolicies", "v3/projects/slipway-local/alertPolicies"],
  ["secretManager", "ListSecrets", "v1/projects/slipway-local/secrets"],
  ["scheduler", "ListJobs", `v1/${LOCATION}/jobs`],
  ["iam", "ListServiceAccounts", "v1/projects/slipway-local/serviceAccounts"],
  ["resourceManager", "GetProject", "v3/projects/slipway-local"],
  ["serviceUsage", "GetService", "v1/projects/slipway-local/services/run.googleapis.com"],
  ["cloudBilling", "GetProjectBillingInfo", "v1/projects/slipway-local/billingInfo"],
  ["cloudFunctions", "ListFunctions", `v2/${LOCATION}/functions`],
  ["slack", "auth.test", "api/auth.test"],
  ["artifactRegistry", "ListRepositories", `v1/${LOCATION}/repositories`],
  ["artifactRegistry", "ListImageTags", "v2/slipway-local/apps/msp-example/tags/list"],
];

/** With what status an API answers. */
export async function statusOf({ file }: LocalWorld, api: string, path: string): Promise<number> {
  const endpoint = file.endpoints[api] ?? "";
  const answer = await fetch(`${endpoint.startsWith("http") ? "" : "http://"}${endpoint}/${path}`);
  await answer.body?.cancel();
  return answer.status;
}

const bytes = (value: Buffer): Buffer => value;

/** The code with which a call of Pub/Sub over gRPC ends. */
export async function listTopics({ file }: LocalWorld): Promise<number> {
  const client = new grpc.Client(file.endpoints["pubsub"] ?? "", grpc.credentials.createInsecure());
  const project = "projects/slipway-local";
  // `project` is the first field of ListTopicsRequest.
  const request = Buffer.concat([Buffer.from([0x0a, project.length]), Buffer.from(project)]);
  const code = await new Promise<number>((resolve) => {
    client.makeUnaryRequest(
      "/google.pubsub.v1.Publisher/ListTopics",
      bytes,
      bytes,
      request,
      (error) => {
        resolve(error?.code ?? grpc.status.OK);
      },
    );
  });
  client.close();
  return code;
}
