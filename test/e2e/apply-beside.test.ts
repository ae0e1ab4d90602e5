import { ExecutionsClient, JobsClient, ServicesClient } from "@google-cloud/run";
import { CloudSchedulerClient } from "@google-cloud/scheduler";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { edit } from "../unit/spec-support.ts";
import { actionsOf, deploy, openApply, PARENT, recorded, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const HOUR_MS = 3_600_000;
const PLACE = "projects/sweep-prod-1a2b/locations/us-central1";
const NAME = `${PLACE}/jobs/sweep-prod-us-central1`;

/** A job that runs on a schedule. */
const JOB = `
service: {id: sweep, description: d, owners: [a], kind: job}
build: {image: us-central1-docker.pkg.dev/slipway-local/apps/sweep}
environments:
  - id: prod
    projectID: sweep-prod-1a2b
    category: test
    deploy: {type: manual}
    schedule: {cron: 0 * * * *}
    instances: {resources: {cpu: 1, memory: 1Gi}}
`;

let setting: ApplySetting;
let scheduler: CloudSchedulerClient;
let services: ServicesClient;
let jobs: JobsClient;
let executions: ExecutionsClient;
beforeEach(async () => {
  setting = await openApply();
  const run = await endpointOptions(setting.cloudRun.grpcAddress);
  services = new ServicesClient(run);
  jobs = new JobsClient(run);
  executions = new ExecutionsClient(run);
  scheduler = new CloudSchedulerClient(await endpointOptions(setting.scheduler.grpcAddress));
});
afterEach(async () => {
  await Promise.all([scheduler, services, jobs, executions].map((client) => client.close()));
  await setting.close();
});

describe("a job", () => {
  test("is deployed, and runs when its schedule says", async () => {
    expect(actionsOf(await setting.apply(JOB))).toContain("create schedule sweep-prod-us-central1");
    const rollout = await deploy(setting, recorded(setting, "sweep"), "prod");
    expect(rollout).toMatchObject({ state: "SUCCEEDED" });
    const [job] = await jobs.getJob({ name: NAME });
    expect(job.template?.template?.serviceAccount).toBe(
      "sweep-sa@sweep-prod-1a2b.iam.gserviceaccount.com",
    );
    await setting.clock.advance(HOUR_MS);
    await expect
      .poll(async () => (await executions.listExecutions({ parent: NAME }))[0].length)
      .toBe(1);
  });

  test("keeps its schedule by a second apply, and follows the specification", async () => {
    await setting.apply(JOB);
    expect(await setting.apply(JOB)).toMatchObject({ isChanged: false });
    await setting.apply(edit(JOB, ["cron: 0 * * * *", "cron: 30 3 * * *"]));
    const [changed] = await scheduler.getJob({ name: NAME });
    expect(changed).toMatchObject({
      schedule: "30 3 * * *",
      httpTarget: {
        uri: `http://${setting.cloudRun.grpcAddress}/v2/${NAME}:run`,
        oauthToken: { serviceAccountEmail: "sweep-sa@sweep-prod-1a2b.iam.gserviceaccount.com" },
      },
    });
    await setting.apply(edit(JOB, ["    schedule: {cron: 0 * * * *}\n", ""]));
    await expect(scheduler.getJob({ name: NAME })).rejects.toMatchObject({ code: 5 });
  });

  test("leaves a schedule alone that somebody else made", async () => {
    const uri = "https://example.com/";
    const job = { name: NAME, schedule: "1 1 * * *", httpTarget: { uri } };
    await scheduler.createJob({ parent: PLACE, job });
    const outcome = await setting.apply(JOB);
    expect(actionsOf(outcome)).toContain("unchanged schedule sweep-prod-us-central1");
    expect((await scheduler.getJob({ name: NAME }))[0].schedule).toBe("1 1 * * *");
  });
});

describe("authentication.sourcegraph", () => {
  const OPEN = edit(sample("msp-testbed"), [
    "    env:\n      LOG_LEVEL: debug\n",
    "    authentication: {sourcegraph: true}\n",
  ]);
  const RESOURCE =
    "projects/msp-testbed-dev-8d3f/locations/us-central1/services/msp-testbed-dev-us-central1";

  test("lets the organization call the service once it is there", async () => {
    const first = await setting.apply(OPEN);
    expect(JSON.stringify(first)).toContain("after it, and domain:example.com may call it");
    await deploy(setting, recorded(setting, "msp-testbed"), "dev");
    const others = [{ role: "roles/run.viewer", members: ["user:ann@example.com"] }];
    await services.setIamPolicy({ resource: RESOURCE, policy: { bindings: others } });
    await setting.apply(OPEN);
    const [policy] = await services.getIamPolicy({ resource: RESOURCE });
    const invokers = { role: "roles/run.invoker", members: ["domain:example.com"] };
    const byRole = (policy.bindings ?? []).map(({ role, members }) => ({ role, members }));
    expect(byRole).toHaveLength(2);
    expect(byRole).toEqual(expect.arrayContaining([...others, invokers]));
    expect(await setting.apply(OPEN)).toMatchObject({ isChanged: false });
  });

  test("says what is missing where the organization is not known", async () => {
    const outcome = await applySpec({ ...setting.installation, organization: null }, OPEN);
    expect(JSON.stringify(outcome)).toContain("has no effect: name the organization's domain");
  });
});

describe("a service that looks who calls, and is verified", () => {
  const CHECKED = `${sample("msp-testbed")}
delivery: {environments: {dev: {verify: {}, runtime: {invokerCheck: enabled, ingress: all}}}}
`;
  const RESOURCE =
    "projects/msp-testbed-dev-8d3f/locations/us-central1/services/msp-testbed-dev-us-central1";
  const PROBES = "serviceAccount:slipway-run@slipway.iam.gserviceaccount.com";

  test("lets Slipway ask it once it is there", async () => {
    const first = await setting.apply(CHECKED);
    expect(JSON.stringify(first)).toContain(`after it, and ${PROBES} may call it`);
    await deploy(setting, recorded(setting, "msp-testbed"), "dev");
    expect(await setting.apply(CHECKED)).toMatchObject({ isChanged: true });
    const [policy] = await services.getIamPolicy({ resource: RESOURCE });
    expect(policy.bindings).toMatchObject([{ role: "roles/run.invoker", members: [PROBES] }]);
    expect(await setting.apply(CHECKED)).toMatchObject({ isChanged: false });
  });

  test("says what somebody else has to run when its callers may not be seen", async () => {
    await setting.apply(CHECKED);
    await deploy(setting, recorded(setting, "msp-testbed"), "dev");
    setting.cloudRun.faults.add({
      method: "GetIamPolicy",
      call: 1,
      kind: "status",
      status: "PERMISSION_DENIED",
    });
    const outcome = JSON.stringify(await setting.apply(CHECKED));
    expect(outcome).toContain(
      `gcloud run services add-iam-policy-binding msp-testbed-dev-us-central1 --project=msp-testbed-dev-8d3f --region=us-central1 --member=${PROBES} --role=roles/run.invoker`,
    );
  });

  test.each([
    ["verify", "verify: {}, "],
    ["its check of callers", "invokerCheck: enabled, "],
  ])("lets nobody in without %s", async (_, part) => {
    expect(JSON.stringify(await setting.apply(edit(CHECKED, [part, ""])))).not.toContain(PROBES);
  });
});

test("a pipeline says where the source is, and what is left to Terraform is named", async () => {
  const outcome = await setting.apply(sample("msp-testbed"));
  const name = `${PARENT}/deliveryPipelines/msp-testbed-us-central1-rollout`;
  const [pipeline] = await setting.client.getDeliveryPipeline({ name });
  expect(pipeline.annotations?.["source.repository"]).toBe("github.com/sourcegraph/sourcegraph");
  expect(outcome).toMatchObject({ leftToTerraform: ["resources.postgreSQL"] });
});
