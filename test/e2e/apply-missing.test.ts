import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApplyOutcome } from "../../infra/plan/apply-spec.ts";
import { startAnswering } from "../support/answering-server.ts";
import { INSTALLER, startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { INSTALLED } from "../support/platform/installing.ts";
import { edit } from "../unit/spec-support.ts";
import { ACCOUNT, HOME, openApplying, SLIPWAY, SPEC, UNPAID } from "./apply-missing-setting.ts";
import type { ApplyingWorld, ApplyWay } from "./apply-missing-setting.ts";

let cloud: GoogleCloud;
let world: ApplyingWorld;

beforeAll(async () => {
  const [first] = INSTALLED.environments;
  const homes =
    first === undefined
      ? []
      : [
          { ...first, project: HOME },
          { ...first, project: UNPAID },
        ];
  cloud = await startGoogleCloud({ ...INSTALLED, environments: homes }, [UNPAID]);
  world = await openApplying(cloud);
});

afterAll(async () => {
  await world.close();
  await cloud.close();
});

/** `line severity path: message` of each problem but those of the file alone. */
function told({ problems }: ApplyOutcome): readonly string[] {
  return problems
    .filter(({ path }) => !path.startsWith("service."))
    .map(({ line, severity, path, message }) => `${line} ${severity} ${path}: ${message}`);
}

type Bad = readonly [
  what: string,
  edits: readonly (readonly [from: string, to: string])[],
  said: string,
  mend: string,
];

const BAD: readonly Bad[] = [
  [
    "a project that is not there",
    [[`projectID: ${HOME}`, "projectID: web-prod-7a8b"]],
    "9 error environments[0].projectID: there is no project web-prod-7a8b, or you may not see it",
    "gcloud projects create web-prod-7a8b, ask for roles/run.viewer in it, or correct it here",
  ],
  [
    "a project that nobody pays for",
    [[`projectID: ${HOME}`, `projectID: ${UNPAID}`]],
    `9 error environments[0].projectID: project ${UNPAID} has no billing account`,
    `gcloud billing projects link ${UNPAID} --billing-account=ACCOUNT`,
  ],
  [
    "a registry that is not there",
    [["acme-images/apps", "acme-images/none"]],
    "3 error build.image: there is no repository none in europe-west3 in project acme-images",
    "gcloud artifacts repositories create none --project=acme-images --location=europe-west3",
  ],
  [
    "a registry behind an API that is off",
    [["acme-images/apps", `${SLIPWAY}/apps`]],
    `3 error build.image: the API artifactregistry.googleapis.com is off in project ${SLIPWAY}, so nobody can use repository apps`,
    `gcloud services enable artifactregistry.googleapis.com --project=${SLIPWAY}`,
  ],
  [
    "an account of continuous integration that is not there",
    [[`  serviceAccount: ${ACCOUNT}`, `  serviceAccount: ci@${HOME}.iam.gserviceaccount.com`]],
    `6 error rollout.serviceAccount: there is no account ci@${HOME}.iam.gserviceaccount.com`,
    `gcloud iam service-accounts create ci --project=${HOME}, or correct it here`,
  ],
  [
    "an account to run as that is not there by its usual name",
    [["id: web,", "id: web-home,"]],
    `8 error environments[0]: there is no account web-home-sa@${HOME}.iam.gserviceaccount.com`,
    "or name another in delivery.environments.prod.runtime.serviceAccount",
  ],
  [
    "an account to run as that is disabled",
    [
      [
        "migrations: {",
        `runtime: {serviceAccount: disabled@${HOME}.iam.gserviceaccount.com}\n      migrations: {`,
      ],
    ],
    `19 error delivery.environments.prod.runtime.serviceAccount: account disabled@${HOME}.iam.gserviceaccount.com is disabled`,
    `gcloud iam service-accounts enable disabled@${HOME}.iam.gserviceaccount.com --project=${HOME}`,
  ],
  [
    "a secret that is not there",
    [["TOKEN: token", "TOKEN: none"]],
    `12 error environments[0].secretEnv.TOKEN: there is no secret none in project ${HOME}`,
    `gcloud secrets create none --project=${HOME}`,
  ],
  [
    "a secret of another project that is not there",
    [[`projects/${HOME}/secrets/token`, `projects/${UNPAID}/secrets/none`]],
    `13 error environments[0].secretVolumes.key.secret: there is no secret none in project ${UNPAID}`,
    `gcloud secrets create none --project=${UNPAID}`,
  ],
  [
    "a secret without a version",
    [["TOKEN: token", "TOKEN: empty"]],
    `12 error environments[0].secretEnv.TOKEN: secret empty in project ${HOME} has no version`,
    `gcloud secrets versions add empty --data-file=FILE --project=${HOME}`,
  ],
  [
    "a secret whose newest version is disabled",
    [["TOKEN: token", "TOKEN: stale"]],
    `12 error environments[0].secretEnv.TOKEN: secret stale in project ${HOME} has a newest version that is disabled`,
    `gcloud secrets versions add stale --data-file=FILE --project=${HOME}`,
  ],
  [
    "the secret of a webhook that is not there",
    [["delivery:\n", "delivery:\n  notify: [{webhook: 'https://hooks.example.com/x'}]\n"]],
    "16 error delivery.notify[0].secret: ",
    `gcloud services enable secretmanager.googleapis.com --project=${SLIPWAY}`,
  ],
  [
    "a migration job that is not there",
    [["job: migrate", "job: none"]],
    `19 error delivery.environments.prod.migrations.before.job: there is no Cloud Run job none in us-central1 in project ${HOME}, so each promotion into prod would fail`,
    `gcloud run jobs create none --image=IMAGE --project=${HOME} --region=us-central1`,
  ],
  [
    "a backup plan that is not there",
    [
      [
        "migrations: {",
        `backup: {gke: projects/${HOME}/locations/us-central1/backupPlans/none}\n      migrations: {`,
      ],
    ],
    `19 error delivery.environments.prod.backup.gke: there is no backup plan none in us-central1 in project ${HOME}`,
    `gcloud beta container backup-restore backup-plans list --project=${HOME}`,
  ],
  [
    "a database that is not there",
    [["    secretEnv:", "    resources: {postgreSQL: {databases: [web]}}\n    secretEnv:"]],
    `project ${HOME} has no Cloud SQL instance, so each promotion into prod would fail at its backup`,
    "or set delivery.environments.prod.backup.cloudSQL to none",
  ],
  [
    "an account with a right that is not there",
    [
      [
        `promote: ["serviceAccount:${ACCOUNT}"]`,
        `promote: ["serviceAccount:bot@${HOME}.iam.gserviceaccount.com"]`,
      ],
    ],
    `21 error delivery.environments.prod.access.promote[0]: there is no account bot@${HOME}.iam.gserviceaccount.com`,
    `gcloud iam service-accounts create bot --project=${HOME}`,
  ],
];

describe("what a specification names", () => {
  test.each(BAD)("%s is refused before anything is touched", async (_, edits, said, mend) => {
    const before = await world.made();
    const outcome = await world.apply(edits.reduce((text, one) => edit(text, one), SPEC));
    expect(outcome).toMatchObject({ kind: "invalid", lacks: true });
    const found = told(outcome).filter((line) => line.includes(said));
    expect(found, told(outcome).join("\n")).toHaveLength(1);
    expect(found[0]).toContain(mend);
    expect(await world.made()).toEqual(before);
  });

  test("a project that is being deleted, and a group that is not there, are refused too", async () => {
    const gone = await startAnswering();
    gone.answerBy(() => ({ body: JSON.stringify({ state: "DELETE_REQUESTED" }) }));
    const nobody = await startAnswering();
    const body = JSON.stringify({ error: { status: "NOT_FOUND", message: "no such group" } });
    nobody.answerBy(() => ({ status: 404, body }));
    const before = await world.made();
    const deleted = await world.apply(SPEC, { endpoints: { resourcemanager: gone.url } });
    const groups = await world.apply(SPEC, { endpoints: { identity: nobody.url } });
    await Promise.all([gone.close(), nobody.close()]);
    expect(told(deleted)).toEqual([
      `1 error : project ${SLIPWAY} is being deleted: gcloud projects undelete ${SLIPWAY}, or correct --project`,
    ]);
    expect(told(groups)).toEqual([
      "20 error delivery.environments.prod.approvals.from[0]: there is no group eng@example.com: correct its address, or make it in the Admin console",
    ]);
    expect(await world.made()).toEqual(before);
  });
});

type BadFlag = readonly [what: string, way: ApplyWay, said: string];

const BAD_FLAGS: readonly BadFlag[] = [
  [
    "--project",
    { project: "acme-nowhere" },
    "1 error : there is no project acme-nowhere, or you may not see it: gcloud projects create acme-nowhere, ask for roles/run.viewer in it, or correct --project",
  ],
  [
    "--scoping-project",
    { scoping: { everywhere: "acme-nowhere", ofProject: new Map() } },
    "1 error : there is no project acme-nowhere, or you may not see it: gcloud projects create acme-nowhere, ask for roles/run.viewer in it, or correct --scoping-project",
  ],
  [
    "--deploy-account",
    { deployAccount: `none@${HOME}.iam.gserviceaccount.com` },
    `1 error : there is no account none@${HOME}.iam.gserviceaccount.com in project ${HOME}: gcloud iam service-accounts create none --project=${HOME}, or name another with --deploy-account; slipway install apply makes slipway-deploy`,
  ],
];

test.each(BAD_FLAGS)(
  "what %s names and is not there is refused before anything is touched",
  async (_, way, said) => {
    const before = await world.made();
    const outcome = await world.apply(SPEC, way);
    expect(outcome).toMatchObject({ kind: "invalid", lacks: true });
    expect(told(outcome)).toEqual([said]);
    expect(await world.made()).toEqual(before);
  },
);

test("what nobody can tell is a warning with what it takes, and stops nothing", async () => {
  const bindings = [
    { role: "roles/run.viewer", members: [INSTALLER] },
    { role: "roles/iam.serviceAccountViewer", members: [INSTALLER] },
  ];
  const { bindings: before } = cloud.access.policies.get(`projects/${HOME}`);
  cloud.access.policies.set(`projects/${HOME}`, { bindings });
  const outcome = await world.apply(SPEC);
  cloud.access.policies.set(`projects/${HOME}`, { bindings: before });
  expect(outcome.kind).toBe("applied");
  const secret = `it is not known whether there is secret token in project ${HOME}: you lack secretmanager.versions.get in project ${HOME}, which roles/secretmanager.viewer has`;
  expect(told(outcome)).toEqual([
    `12 warning environments[0].secretEnv.TOKEN: ${secret}`,
    `13 warning environments[0].secretVolumes.key.secret: ${secret}`,
  ]);
});

test("an API that is off where it only keeps somebody from looking is a warning with what turns it on", async () => {
  const off = await startAnswering();
  const metadata = { service: "iam.googleapis.com", consumer: `projects/${HOME}` };
  const details = [{ reason: "SERVICE_DISABLED", metadata }];
  const body = JSON.stringify({ error: { status: "PERMISSION_DENIED", message: "off", details } });
  off.answerBy(() => ({ status: 403, body }));
  const outcome = await world.apply(SPEC, { endpoints: { iam: off.url } });
  await off.close();
  expect(outcome.kind).toBe("applied");
  expect(told(outcome)).toContain(
    `6 warning rollout.serviceAccount: it is not known whether there is account ${ACCOUNT} in project ${HOME}: the API iam.googleapis.com is off in project ${HOME}, in which your calls count: gcloud services enable iam.googleapis.com --project=${HOME}`,
  );
});

test("what does not answer is a warning", async () => {
  const outcome = await world.apply(SPEC, { endpoints: { secretmanager: "http://127.0.0.1:9" } });
  expect(outcome.kind).toBe("applied");
  expect(told(outcome)[0]).toMatch(/^12 warning .* it is not known whether there is secret token /);
});

test("where all of it is there, nothing is said; where it comes later, it is a warning", async () => {
  const there = await world.apply(SPEC);
  expect([there.kind, told(there)]).toEqual(["applied", []]);
  const later = await world.apply(edit(SPEC, ["TOKEN: token", "TOKEN: none"]), {
    allowsMissing: true,
  });
  expect(later.kind).toBe("applied");
  expect(told(later)).toEqual([
    `12 warning environments[0].secretEnv.TOKEN: there is no secret none in project ${HOME}: gcloud secrets create none --project=${HOME}, or correct it here`,
  ]);
});

test("a release that changes the image alone needs neither the secrets nor the account of the file", async () => {
  const image = [
    ["TOKEN: token", "TOKEN: none"],
    ["id: web,", "id: web-home,"],
    ["delivery:\n", "delivery:\n  manages: image\n"],
  ] as const;
  const outcome = await world.apply(image.reduce((text, one) => edit(text, one), SPEC));
  expect(told(outcome).filter((line) => / there is no (?:secret|account) /.test(line))).toEqual([]);
});
