import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import { realClock } from "../../emulators/kit/clock.ts";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import type { ApplyOutcome } from "../../infra/plan/apply-spec.ts";
import type { Installation } from "../../infra/plan/installation.ts";
import { openLooks } from "../../infra/plan/named/looks.ts";
import { openGoogle } from "../../infra/platform/kinds/google.ts";
import type { Endpoints } from "../../infra/platform/kinds/google.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { INSTALLER } from "../support/platform/google-cloud.ts";
import { pauseBriefly } from "../support/platform/installing.ts";
import { openApply, PARENT } from "./apply-setting.ts";

/** Slipway's project, one of whoever applies, in which a service may run, and one that nobody pays for. */
export const SLIPWAY = "acme-slipway";
export const HOME = "web-home-prod-3c4d";
export const UNPAID = "web-prod-5e6f";
export const ACCOUNT = `web-sa@${HOME}.iam.gserviceaccount.com`;
const JOB = `projects/${HOME}/locations/us-central1/jobs/migrate`;

const IMAGE = "europe-west3-docker.pkg.dev/acme-images/apps/web";

/** A specification of which everything is there that it names. */
export const SPEC = `
service: {id: web, owners: [team]}
build: {image: ${IMAGE}, source: {repo: github.com/acme/web, dir: .}}
rollout:
  stages: [{environment: prod}]
  serviceAccount: ${ACCOUNT}
environments:
  - id: prod
    projectID: ${HOME}
    category: internal
    deploy: {type: rollout}
    secretEnv: {TOKEN: token}
    secretVolumes: {key: {secret: projects/${HOME}/secrets/token, mountPath: /etc/key}}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 1}}
delivery:
  environments:
    prod:
      promotion: manual
      migrations: {before: {job: migrate}}
      approvals: {required: 1, from: ["group:eng@example.com"]}
      access: {promote: ["serviceAccount:${ACCOUNT}"]}
`;

/** What somebody applies with. */
export type ApplyWay = Partial<
  Pick<Installation, "project" | "deployAccount" | "scoping" | "takesOver">
> & {
  readonly allowsMissing?: boolean;
  /** Other servers than the cloud's. */
  readonly endpoints?: Endpoints;
};

/** Applies specifications to a Google Cloud that has some of what they name. */
export type ApplyingWorld = {
  readonly apply: (text: string, way?: ApplyWay) => Promise<ApplyOutcome>;
  /** What was made so far: targets, archives and records. */
  readonly made: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** Opens what applies to a cloud, and has the owner of the home make what the specification names. */
export async function openApplying(cloud: GoogleCloud): Promise<ApplyingWorld> {
  const setting = await openApply();
  const cloudSql = await startCloudSql({ clock: realClock() });
  const endpoints = { ...cloud.endpoints, sqladmin: cloudSql.url };
  cloud.access.policies.set(`projects/${HOME}`, {
    bindings: [{ role: "roles/owner", members: [INSTALLER] }],
  });
  cloud.access.policies.set(`projects/${UNPAID}`, {
    bindings: [{ role: "roles/secretmanager.viewer", members: [INSTALLER] }],
  });
  await makeHome(endpoints);
  return {
    apply: async (text, { allowsMissing = false, endpoints: others = {}, ...flags } = {}) =>
      applySpec(
        {
          ...setting.installation,
          project: SLIPWAY,
          deployAccount: ACCOUNT,
          ...flags,
          looks: openLooks({
            endpoints: { ...endpoints, ...others },
            localToken,
            pause: pauseBriefly,
            isLocal: false,
            allowsMissing,
          }),
        },
        text,
      ),
    made: async () => {
      const parent = PARENT.replace("slipway", SLIPWAY);
      const [targets] = await setting.client.listTargets({ parent });
      const names = targets.map(({ name }) => name ?? "");
      const archives = setting.storage.faults.calls("storage/objects.insert");
      return [...names, `${archives} archives`, ...setting.memory.world.store.services.keys()];
    },
    close: async () => {
      await Promise.all([setting.close(), cloudSql.close()]);
    },
  };
}

async function localToken(): Promise<string> {
  return Promise.resolve("ann");
}

/** What its owners make before a service is applied. */
async function makeHome(endpoints: Endpoints): Promise<void> {
  const { call } = openGoogle({ endpoints, localToken, pause: pauseBriefly });
  const secrets = `v1/projects/${HOME}/secrets`;
  const accounts = `v1/projects/${HOME}/serviceAccounts`;
  const body = { replication: { automatic: {} } };
  for (const accountId of ["web-sa", "disabled"]) {
    await call("iam", { method: "POST", path: accounts, body: { accountId, serviceAccount: {} } });
  }
  const disabled = `${accounts}/disabled@${HOME}.iam.gserviceaccount.com:disable`;
  await call("iam", { method: "POST", path: disabled, body: {} });
  for (const secretId of ["token", "empty", "stale"]) {
    await call("secretmanager", { method: "POST", path: secrets, query: { secretId }, body });
  }
  for (const id of ["token", "stale"]) {
    const path = `${secrets}/${id}:addVersion`;
    await call("secretmanager", { method: "POST", path, body: { payload: { data: "eA==" } } });
  }
  const stale = `${secrets}/stale/versions/1:disable`;
  await call("secretmanager", { method: "POST", path: stale, body: {} });
  const job = { template: { template: { containers: [{ image: "nginx" }] } } };
  const jobs = { path: JOB.replace("projects", "v2/projects").replace("/migrate", "") };
  await call("run", { method: "POST", ...jobs, query: { jobId: "migrate" }, body: job });
}
