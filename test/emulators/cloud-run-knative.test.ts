import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import {
  countVersions,
  createApi,
  type ITemplate,
  openCloudRun,
  PARENT,
  readApi,
  READY_MS,
  readRevisions,
  type Setting,
  template,
  textWith,
  updateApi,
} from "./cloud-run-setting.ts";
import { type Answer, askKnative, oneOf } from "./cloud-run-knative-ask.ts";

const SERVICES = "/apis/serving.knative.dev/v1/namespaces/acme-prod/services";
const POLICY = `/v1/${PARENT}/services/api`;

const Pairs = z.record(z.string(), z.string());
const Target = z.looseObject({
  percent: z.number().optional(),
  revisionName: z.string().optional(),
});
const Service = z.looseObject({
  metadata: z.looseObject({ annotations: Pairs, resourceVersion: z.string() }),
  spec: z.looseObject({
    template: z.looseObject({ metadata: z.looseObject({ labels: Pairs.optional() }) }),
    traffic: z.array(Target),
  }),
});
type Service = z.infer<typeof Service>;

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
});
afterEach(async () => {
  await setting.close();
});

async function ask(verb: string, path: string, body?: unknown, host?: string): Promise<Answer> {
  return askKnative(setting, [verb, path, body], host);
}

async function readService(): Promise<Service> {
  return Service.parse((await ask("GET", `${SERVICES}/api`)).body);
}

/** Writes the service `api` back with what a change makes of it. */
async function rewrite(change: (service: Service) => Service): Promise<Answer> {
  const answer = await ask("PUT", `${SERVICES}/api`, change(await readService()));
  await setting.clock.advance(READY_MS);
  return answer;
}

function withTraffic(...traffic: readonly z.infer<typeof Target>[]): (one: Service) => Service {
  return (service) => ({ ...service, spec: { ...service.spec, traffic: [...traffic] } });
}

/** What a template can say that version 1 has elsewhere, or in other words. */
const RICH: ITemplate = {
  serviceAccount: "api@acme-prod.iam.gserviceaccount.com",
  executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2",
  sessionAffinity: true,
  scaling: { minInstanceCount: 1, maxInstanceCount: 7 },
  labels: { team: "pay" },
  annotations: { "example.com/why": "because" },
  vpcAccess: { networkInterfaces: [{ network: "n", subnetwork: "s" }], egress: "ALL_TRAFFIC" },
  volumes: [
    { name: "cloudsql", cloudSqlInstance: { instances: ["acme-prod:us-central1:db"] } },
    {
      name: "keys",
      secret: { secret: "projects/1/secrets/k", items: [{ path: "k", version: "2" }] },
    },
    { name: "tmp", emptyDir: { medium: "MEMORY", sizeLimit: "8Mi" } },
    { name: "data", gcs: { bucket: "acme-data", readOnly: true } },
  ],
};

function richTemplate(image: string): ITemplate {
  const own = {
    name: "api",
    args: ["--serve"],
    env: [
      { name: "PLAIN", value: "x" },
      { name: "TOKEN", valueSource: { secretKeyRef: { secret: "token", version: "latest" } } },
    ],
    resources: { limits: { cpu: "2", memory: "1Gi" }, cpuIdle: false, startupCpuBoost: true },
    ports: [{ name: "h2c", containerPort: 9000 }],
    volumeMounts: [
      { name: "cloudsql", mountPath: "/cloudsql" },
      { name: "keys", mountPath: "/keys" },
    ],
    startupProbe: { httpGet: { path: "/up", port: 9000 }, periodSeconds: 3 },
    dependsOn: ["proxy"],
  };
  return template(image, {
    ...RICH,
    containers: [
      { image, ...own },
      { image, name: "proxy" },
    ],
  });
}

describe("a service that is read and written in version 1", () => {
  test("stays as it is, and has no new revision, whatever version 1 has no words for", async () => {
    const image = setting.registry.push("1", "a");
    await createApi(setting, { template: richTemplate(image), customAudiences: ["https://api"] });
    const before = await readApi(setting);
    expect(await rewrite((service) => service)).toMatchObject({ status: 200 });
    expect(await readApi(setting)).toEqual(before);
    expect(await readRevisions(setting)).toHaveLength(1);
  });

  test("keeps all that was not changed when a part is", async () => {
    const image = setting.registry.push("1", "a");
    await createApi(setting, { template: richTemplate(image), customAudiences: ["https://api"] });
    const before = await readApi(setting);
    await rewrite((service) => {
      const annotations = {
        ...service.metadata.annotations,
        "run.googleapis.com/ingress": "internal",
      };
      return { ...service, metadata: { ...service.metadata, annotations } };
    });
    const { template: kept, ingress, customAudiences } = await readApi(setting);
    expect(ingress).toBe("INGRESS_TRAFFIC_INTERNAL_ONLY");
    expect({ kept, customAudiences }).toEqual({
      kept: before.template,
      customAudiences: before.customAudiences,
    });
  });

  test("takes affinity, its address and volumes of the platform as version 1 says them", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const volumes = [
      { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "8Mi" } },
      {
        name: "data",
        csi: {
          driver: "gcsfuse.run.googleapis.com",
          readOnly: true,
          volumeAttributes: { bucketName: "acme-data" },
        },
      },
    ];
    await rewrite(({ metadata, spec: { template: current, ...spec } }) => ({
      metadata: {
        ...metadata,
        annotations: { ...metadata.annotations, "run.googleapis.com/default-url-disabled": "true" },
      },
      kind: "Service",
      apiVersion: "serving.knative.dev/v1",
      spec: {
        ...spec,
        template: {
          ...current,
          metadata: { annotations: { "run.googleapis.com/sessionAffinity": "true" } },
          spec: Object.assign({}, current["spec"], { volumes }),
        },
      },
    }));
    expect(await readApi(setting)).toMatchObject({
      defaultUriDisabled: true,
      template: {
        sessionAffinity: true,
        volumes: [
          { name: "tmp", emptyDir: { medium: "MEMORY", sizeLimit: "8Mi" } },
          { name: "data", gcs: { bucket: "acme-data", readOnly: true } },
        ],
      },
    });
    expect((await readService()).spec.template).toMatchObject({ spec: { volumes } });
  });

  test("has a new revision when gcloud asks for one, whose mark is not kept", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    await rewrite((service) => {
      const metadata = { labels: { "client.knative.dev/nonce": "abc" } };
      return {
        ...service,
        spec: { ...service.spec, template: { ...service.spec.template, metadata } },
      };
    });
    expect(await readRevisions(setting)).toHaveLength(2);
    expect((await readService()).spec.template.metadata.labels).toBeUndefined();
  });

  test("shares its traffic as it says, and not in parts of 90", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    await updateApi(setting, { template: template(setting.registry.push("2", "b")) });
    const revisions = (await readRevisions(setting)).map(
      ({ name }) => name?.split("/").at(-1) ?? "",
    );
    const [second = "", first = ""] = revisions;
    const split = [
      { revisionName: first, percent: 90 },
      { revisionName: second, percent: 10 },
    ];
    expect(await rewrite(withTraffic(...split))).toMatchObject({ status: 200 });
    expect(await countVersions(setting, 100)).toEqual({ "1": 90, "2": 10 });
    expect(await rewrite(withTraffic({ revisionName: first, percent: 90 }))).toMatchObject({
      status: 400,
      body: { error: { message: textWith("must sum to 100, not 90") } },
    });
    await rewrite(withTraffic({ revisionName: "api-none", percent: 100 }));
    expect(await ask("GET", `${SERVICES}/api`)).toMatchObject({
      body: {
        status: {
          conditions: oneOf({ type: "Ready", status: "False", message: textWith("api-none") }),
        },
      },
    });
    expect(await countVersions(setting, 100)).toEqual({ "1": 90, "2": 10 });
  });

  test("is not written over by who has not seen the last change, nor by who only tries, which is not emulated", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const old = await readService();
    const tried = withTraffic({ percent: 100 }, { percent: 0, tag: "t" })(old);
    expect(await ask("PUT", `${SERVICES}/api?dryRun=all`, tried)).toMatchObject({ status: 501 });
    expect(await readService()).toEqual(old);
    await rewrite(withTraffic({ percent: 100 }, { percent: 0, tag: "t" }));
    expect(await ask("PUT", `${SERVICES}/api`, old)).toMatchObject({
      status: 409,
      body: {
        error: { status: "ABORTED", message: textWith("does not match the current version") },
      },
    });
  });

  test("is made and deleted in the region of the host, and found there alone", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const { spec } = await readService();
    const head = { apiVersion: "serving.knative.dev/v1", kind: "Service" };
    const other = { ...head, metadata: { name: "other" }, spec };
    expect(await ask("POST", SERVICES, other)).toMatchObject({ status: 200 });
    expect(await ask("POST", SERVICES, other)).toMatchObject({ status: 409 });
    const elsewhere = "europe-west1-run.googleapis.com";
    expect(await ask("GET", SERVICES, undefined, elsewhere)).toMatchObject({ body: { items: [] } });
    expect(await ask("GET", `${SERVICES}/other`, undefined, elsewhere)).toMatchObject({
      status: 404,
    });
    expect(await ask("GET", SERVICES, undefined, "run.googleapis.com")).toMatchObject({
      body: { items: [{ metadata: { name: "other" } }, { metadata: { name: "api" } }] },
    });
    expect(await ask("DELETE", `${SERVICES}/other`)).toMatchObject({ body: { status: "Success" } });
    expect(await ask("DELETE", `${SERVICES}/other`)).toMatchObject({ status: 404 });
  });

  test("has its revisions listed, newest first, and by the service's name", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    await updateApi(setting, { template: template(setting.registry.push("2", "b")) });
    const path = "/apis/serving.knative.dev/v1/namespaces/acme-prod/revisions";
    const names = (await readRevisions(setting)).map(({ name }) => name?.split("/").at(-1));
    expect(names).toHaveLength(2);
    expect(await ask("GET", path)).toMatchObject({
      body: { items: names.map((name) => ({ metadata: { name } })) },
    });
    const of = "?labelSelector=serving.knative.dev%2Fservice%20%3D%20";
    expect(await ask("GET", `${path}${of}none`)).toMatchObject({ body: { items: [] } });
  });

  test("has a policy, with no binding that only holds at times", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const binding = { role: "roles/run.invoker", members: ["user:ann@example.com"] };
    const condition = {
      title: "soon",
      expression: "request.time < timestamp('2030-01-01T00:00:00Z')",
    };
    const set = async (policy: object): Promise<Answer> =>
      ask("POST", `${POLICY}:setIamPolicy`, { policy });
    expect(await set({ bindings: [binding] })).toMatchObject({ status: 200 });
    expect(await set({ bindings: [{ ...binding, condition }] })).toMatchObject({
      status: 501,
      body: { error: { message: textWith('"soon" of the binding of roles/run.invoker') } },
    });
    expect(await ask("GET", `${POLICY}:getIamPolicy`)).toMatchObject({
      body: { bindings: [binding] },
    });
  });
});
