import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Obstacle } from "../../infra/platform/engine/plan.ts";
import { planInstallation } from "../../infra/platform/installer.ts";
import { withSpecs } from "../../infra/platform/from-specs.ts";
import { NOTHING_MENTIONED } from "../../infra/platform/settings.ts";
import type { EnvironmentProject, Settings } from "../../infra/platform/settings.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { startAnswering } from "../support/answering-server.ts";
import { startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { anInstaller, applyWatched, INSTALLED } from "../support/platform/installing.ts";
import type { Way } from "../support/platform/installing.ts";
import { someSettings } from "../support/platform/settings.ts";

const DEV = "acme-web-dev";
/** A project whose name the specification of a service may have. */
const PROD = "web-prod-1a2b";
const PLACE = "locations/europe-west3";
const JOB = `projects/${PROD}/${PLACE}/jobs/migrate`;
const PLAN = `projects/${PROD}/${PLACE}/backupPlans/daily`;

let cloud: GoogleCloud;

beforeAll(async () => {
  const mentioned = { ...NOTHING_MENTIONED, jobs: [JOB], backupPlans: [PLAN] };
  const environments = someSettings().environments.flatMap((one) =>
    one.secrets.length > 0 ? [one, { ...one, project: PROD }] : [one],
  );
  cloud = await startGoogleCloud({ ...INSTALLED, environments, mentioned });
});

afterAll(async () => {
  await cloud.close();
});

/** What keeps it from being made. Whoever applies meets it too, and nothing was written. */
async function refused(changes: Partial<Settings>, way: Way = {}): Promise<readonly Obstacle[]> {
  const { obstacles, writes } = await applyWatched(cloud, changes, way);
  expect(writes).toEqual([]);
  return obstacles;
}

function inEnvironment(changes: Partial<EnvironmentProject>): Partial<Settings> {
  const [first, ...others] = INSTALLED.environments;
  return first === undefined ? {} : { environments: [{ ...first, ...changes }, ...others] };
}

function mentioning(changes: Partial<Settings["mentioned"]>): Partial<Settings> {
  return { mentioned: { ...INSTALLED.mentioned, ...changes } };
}

type Bad = readonly [what: string, changes: Partial<Settings>, told: string, mend: string];

const NAMED: readonly Bad[] = [
  [
    "a project that is not there",
    { registries: [{ project: "acme-nowhere", location: "europe-west3", repository: "apps" }] },
    "there is no project acme-nowhere, or you may not see it",
    "gcloud projects create acme-nowhere",
  ],
  [
    "a project of incidents that is not there",
    { incidentsProject: "acme-nowhere" },
    "there is no project acme-nowhere, or you may not see it",
    "gcloud projects create acme-nowhere",
  ],
  [
    "a project that nobody pays for",
    { registries: [{ project: "acme-unpaid", location: "europe-west3", repository: "apps" }] },
    "project acme-unpaid has no billing account",
    "gcloud billing projects link acme-unpaid --billing-account=ACCOUNT",
  ],
  [
    "a project in which nothing is permitted",
    { pipelineProjects: ["acme-others"] },
    "you may not pubsub.topics.create, pubsub.topics.attachSubscription in project acme-others",
    "gcloud projects add-iam-policy-binding acme-others --member=user:ann@example.com --role=roles/pubsub.admin",
  ],
  [
    "a region that is none",
    { location: "europe-west99" },
    "europe-west99 is not a region in which functions run",
    "gcloud functions regions list",
  ],
  [
    "a registry that is not there",
    { registries: [{ project: "acme-images", location: "europe-west3", repository: "none" }] },
    "there is no repository none in europe-west3 in project acme-images",
    "gcloud artifacts repositories create none --project=acme-images",
  ],
  [
    "a registry behind an API that is off",
    { registries: [{ project: "acme-slipway", location: "europe-west3", repository: "apps" }] },
    "the API artifactregistry.googleapis.com is off in project acme-slipway, so nobody can tell whether this is there: repository apps in europe-west3",
    "gcloud services enable artifactregistry.googleapis.com --project=acme-slipway",
  ],
  [
    "an account of a service that is not there",
    inEnvironment({ runtimeAccounts: [`x@${DEV}.iam.gserviceaccount.com`] }),
    `there is no account x@${DEV}.iam.gserviceaccount.com in project ${DEV}`,
    `gcloud iam service-accounts create x --project=${DEV}`,
  ],
  [
    "an account of a job that is not there",
    inEnvironment({ jobAccounts: [`y@${DEV}.iam.gserviceaccount.com`] }),
    `there is no account y@${DEV}.iam.gserviceaccount.com in project ${DEV}`,
    `gcloud iam service-accounts create y --project=${DEV}`,
  ],
  [
    "an account of continuous integration that is not there",
    { callers: [`serviceAccount:ci@${DEV}.iam.gserviceaccount.com`] },
    `there is no account ci@${DEV}.iam.gserviceaccount.com in project ${DEV}`,
    `gcloud iam service-accounts create ci --project=${DEV}`,
  ],
  [
    "a secret that is not there",
    inEnvironment({ project: PROD, secrets: ["NONE"] }),
    `there is no secret NONE in project ${PROD}`,
    `gcloud secrets create NONE --project=${PROD}`,
  ],
  [
    "a job that is not there",
    mentioning({ jobs: [JOB] }),
    `there is no Cloud Run job migrate in europe-west3 in project ${PROD}`,
    `gcloud run jobs create migrate --image=IMAGE --project=${PROD} --region=europe-west3`,
  ],
  [
    "a backup plan that is not there",
    mentioning({ backupPlans: [PLAN] }),
    `there is no backup plan daily in europe-west3 in project ${PROD}`,
    `gcloud beta container backup-restore backup-plans list --project=${PROD}`,
  ],
  [
    "a channel behind an API that is off",
    { alertChannels: ["projects/acme-slipway/notificationChannels/9"] },
    "the API monitoring.googleapis.com is off in project acme-slipway",
    "gcloud services enable monitoring.googleapis.com --project=acme-slipway",
  ],
];

test.each(NAMED)("%s is refused before anything is touched", async (_, changes, told, mend) => {
  const obstacles = await refused(changes);
  const found = obstacles.filter(({ what }) => what.includes(told));
  expect(found, JSON.stringify(obstacles)).toHaveLength(1);
  expect(found[0]?.mend).toContain(mend);
});

test("a specification that names what is not there is refused with all of it", async () => {
  const text = `
service: {id: web, owners: [team]}
build: {image: europe-west3-docker.pkg.dev/acme-images/none/web, source: {repo: github.com/acme/web, dir: .}}
rollout: {stages: [{environment: prod}], serviceAccount: ci@${PROD}.iam.gserviceaccount.com}
environments:
  - id: prod
    projectID: ${PROD}
    category: internal
    deploy: {type: rollout}
    healthProbes: {}
    locations: {gcpRegion: europe-west3, gcpLocation: europe}
    secretEnv: {DIAGNOSTICS_SECRET: diagnostics}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 1}}
delivery:
  environments:
    prod:
      backup: {gke: ${PLAN}}
      migrations: {before: {job: migrate}, after: {job: contract}}
      approvals: {required: 1, from: ["group:sre@example.com"]}
`;
  const { spec, problems } = parseServiceSpec(text);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const settings = withSpecs(INSTALLED, spec === null ? [] : [spec]);
  expect(settings.mentioned.groups).toEqual(["sre@example.com"]);
  expect((await refused(settings)).map(({ what }) => what).toSorted()).toEqual([
    `there is no Cloud Run job contract in europe-west3 in project ${PROD}`,
    `there is no Cloud Run job migrate in europe-west3 in project ${PROD}`,
    `there is no account ci@${PROD}.iam.gserviceaccount.com in project ${PROD}`,
    `there is no account web-sa@${PROD}.iam.gserviceaccount.com in project ${PROD}`,
    `there is no backup plan daily in europe-west3 in project ${PROD}`,
    "there is no repository none in europe-west3 in project acme-images",
    `there is no secret diagnostics in project ${PROD}`,
  ]);
});

describe("groups", () => {
  test("one that may not be looked up is told of, and stops nothing", async () => {
    const people = { ...INSTALLED.people, approvers: ["group:none@example.com"] };
    const { obstacles, warnings } = await planInstallation(await anInstaller(cloud, { people }));
    expect(obstacles).toEqual([]);
    expect(warnings).toEqual([
      {
        what: "group none@example.com is not there, or you may not see it: if it is not there, Google refuses every policy that names it",
        mend: "ask somebody who may see it: gcloud identity groups describe none@example.com",
      },
    ]);
  });

  test("one that is not there is refused", async () => {
    const directory = await startAnswering();
    const body = JSON.stringify({ error: { status: "NOT_FOUND", message: "no such group" } });
    directory.answerBy(() => ({ status: 404, body }));
    const people = { ...INSTALLED.people, viewers: [], deployers: ["group:none@example.com"] };
    const way = { endpoints: { identity: directory.url } };
    const obstacles = await refused({ people }, way);
    await directory.close();
    expect(obstacles.map(({ what }) => what)).toEqual(["there is no group none@example.com"]);
    expect(obstacles[0]?.mend).toContain("Admin console");
  });
});
