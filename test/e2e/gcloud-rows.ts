import { z } from "zod";

/** What a request is answered with: its body, parsed where it is JSON. */
export type Ask = (verb: string, path: string, body?: unknown) => Promise<unknown>;

/** A command of gcloud, the requests that do the same, and what both must show. */
export type Row = {
  readonly gcloud: string;
  readonly rest: (ask: Ask) => Promise<unknown>;
  readonly shows: readonly string[];
};

const PROJECT = "slipway-local";
const PLACE = `projects/${PROJECT}/locations/us-central1`;
const KNATIVE = `/cloudRun/apis/serving.knative.dev/v1/namespaces/${PROJECT}`;
const JOBS = `/cloudRun/apis/run.googleapis.com/v1/namespaces/${PROJECT}`;
const IMAGE = `us-central1-docker.pkg.dev/${PROJECT}/apps/rows:v1`;
const PIPELINE = "msp-testbed-us-central1-rollout";
const ACCOUNT = `slipway-run@${PROJECT}.iam.gserviceaccount.com`;
const MEMBER = "user:ann@example.com";

function get(path: string): Row["rest"] {
  return async (ask) => ask("GET", path);
}

/** Reads something, changes the text of it, and writes it back, as gcloud does. */
function rewrite(path: string, change: (text: string) => string): Row["rest"] {
  return async (ask) => {
    const text = change(JSON.stringify(await ask("GET", path)));
    await ask("PUT", path, JSON.parse(text));
    return ask("GET", path);
  };
}

const web = { apiVersion: "serving.knative.dev/v1", kind: "Service", metadata: { name: "web" } };
const job = { apiVersion: "run.googleapis.com/v1", kind: "Job", metadata: { name: "tidy" } };
const pod = { spec: { containers: [{ image: IMAGE }] } };

const services: readonly Row[] = [
  {
    gcloud: "run regions list",
    rest: get(`/cloudRun/v1/projects/${PROJECT}/locations`),
    shows: ["us-central1"],
  },
  {
    gcloud: `run deploy web --image=${IMAGE} --no-allow-unauthenticated`,
    rest: async (ask) => {
      await ask("POST", `${KNATIVE}/services`, { ...web, spec: { template: pod } });
      return ask("GET", `${KNATIVE}/services/web`);
    },
    shows: ["web-00001-"],
  },
  {
    gcloud: "run services update web --update-env-vars=COLOUR=blue --no-traffic --tag=next",
    rest: rewrite(`${KNATIVE}/services/web`, (text) =>
      text
        .replace('"env":[]', '"env":[{"name":"COLOUR","value":"blue"}]')
        .replace(
          /"traffic":\[[^\]]*\]/,
          (all) =>
            `${all.replace(/"latestRevision":true/, '"revisionName":"FIRST"').slice(0, -1)},{"tag":"next"}]`,
        )
        .replace("FIRST", /"latestReadyRevisionName":"([^"]+)"/.exec(text)?.[1] ?? ""),
    ),
    shows: ["COLOUR", "next"],
  },
  {
    gcloud: "run services update-traffic web --to-tags=next=10",
    rest: rewrite(`${KNATIVE}/services/web`, (text) =>
      text
        .replace('"percent":100', '"percent":90')
        .replace('"tag":"next"', '"tag":"next","percent":10'),
    ),
    shows: ["web-00001-", "web-00002-"],
  },
  {
    gcloud: "beta run domain-mappings list",
    rest: get(`/cloudRun/apis/domains.cloudrun.com/v1/namespaces/${PROJECT}/domainmappings`),
    shows: ["does not implement GET", "domainmappings"],
  },
];

const jobs: readonly Row[] = [
  {
    gcloud: `run jobs create tidy --image=${IMAGE}`,
    rest: async (ask) =>
      ask("POST", `${JOBS}/jobs`, { ...job, spec: { template: { spec: { template: pod } } } }),
    shows: ["tidy"],
  },
  {
    gcloud: "run jobs execute tidy --update-env-vars=MARK=mine",
    rest: async (ask) => {
      const containerOverrides = [{ env: [{ name: "MARK", value: "mine" }] }];
      return ask("POST", `${JOBS}/jobs/tidy:run`, { overrides: { containerOverrides } });
    },
    shows: ["tidy-", "MARK"],
  },
  {
    gcloud: "run jobs execute none",
    rest: async (ask) => ask("POST", `${JOBS}/jobs/none:run`, {}),
    shows: ["'none' of kind 'JOB' in region"],
  },
];

const delivery: readonly Row[] = [
  {
    gcloud: `deploy automations list --delivery-pipeline=${PIPELINE}`,
    rest: get(`/cloudDeploy/v1/${PLACE}/deliveryPipelines/${PIPELINE}/automations`),
    shows: [],
  },
  {
    gcloud: "deploy deploy-policies list",
    rest: get(`/cloudDeploy/v1/${PLACE}/deployPolicies`),
    shows: [],
  },
];

const schedule = { schedule: "* * * * *", timeZone: "Etc/UTC" };
const scheduled = `/scheduler/v1/${PLACE}/jobs`;
const tried = { name: `${PLACE}/jobs/tried`, description: "why" };

const scheduler: readonly Row[] = [
  {
    gcloud:
      "scheduler jobs create pubsub tried --location=us-central1 --schedule='* * * * *' --topic=slipway-ticks --message-body=x --description=why",
    rest: async (ask) => {
      const pubsubTarget = { topicName: `projects/${PROJECT}/topics/slipway-ticks`, data: "eA==" };
      return ask("POST", scheduled, { ...tried, ...schedule, pubsubTarget });
    },
    shows: ['"description": "why"'],
  },
  {
    gcloud: "scheduler jobs update pubsub tried --location=us-central1 --description=",
    rest: async (ask) => ask("PATCH", `${scheduled}/tried?updateMask=description`, {}),
    shows: ["jobs/tried", '!"description"'],
  },
];

const Policy = z.object({ etag: z.string(), bindings: z.array(z.unknown()).default([]) });

/** A policy is read, and gets a binding more. `command` ends with what the policy is of. */
function bind(command: string, path: string, role: string, readBy = "GET"): Row {
  const [name = ""] = command.split(" ").slice(-1);
  const kind = command.slice(0, -name.length - 1);
  return {
    gcloud: `${kind} add-iam-policy-binding ${name} --member=${MEMBER} --role=${role}`,
    rest: async (ask) => {
      const policy = Policy.parse(await ask(readBy, `${path}:getIamPolicy`));
      const bindings = [...policy.bindings, { role, members: [MEMBER] }];
      return ask("POST", `${path}:setIamPolicy`, { policy: { ...policy, bindings } });
    },
    shows: [MEMBER, role],
  };
}

const BUCKET = `/storage/storage/v1/b/${PROJECT}-sources`;
const TRIED = `gs://${PROJECT}-sources/tried`;

const storage: readonly Row[] = [
  {
    gcloud: `storage cp package.json ${TRIED}/one`,
    rest: async (ask) =>
      ask(
        "POST",
        `/storage/upload/storage/v1/b/${PROJECT}-sources/o?uploadType=media&name=tried%2Fone`,
        {
          name: "slipway",
        },
      ),
    shows: [],
  },
  {
    gcloud: `storage objects compose ${TRIED}/one ${TRIED}/one ${TRIED}/two`,
    rest: async (ask) => {
      const sourceObjects = [{ name: "tried/one" }, { name: "tried/one" }];
      return ask("POST", `${BUCKET}/o/tried%2Ftwo/compose`, { sourceObjects });
    },
    shows: [],
  },
  {
    gcloud: `storage cat ${TRIED}/two`,
    rest: get(`${BUCKET}/o/tried%2Ftwo?alt=media`),
    shows: ["slipway"],
  },
  {
    gcloud: `storage rm -r ${TRIED}`,
    rest: async (ask) => {
      await ask("GET", `${BUCKET}/storageLayout`);
      await ask("GET", `${BUCKET}/o?prefix=tried%2F&versions=true`);
      await ask("DELETE", `${BUCKET}/o/tried%2Fone`);
      return ask("DELETE", `${BUCKET}/o/tried%2Ftwo`);
    },
    shows: [],
  },
  {
    gcloud: `storage cat ${TRIED}/two`,
    rest: get(`${BUCKET}/o/tried%2Ftwo?alt=media`),
    shows: ["tried/two", "!package"],
  },
  {
    gcloud: `storage buckets add-iam-policy-binding gs://${PROJECT}-sources --member=${MEMBER} --role=roles/storage.objectViewer`,
    rest: async (ask) => {
      const policy = Policy.parse(await ask("GET", `${BUCKET}/iam`));
      const binding = { role: "roles/storage.objectViewer", members: [MEMBER] };
      return ask("PUT", `${BUCKET}/iam`, { ...policy, bindings: [...policy.bindings, binding] });
    },
    shows: [MEMBER],
  },
];

const pubsub = `/pubsub/v1/projects/${PROJECT}`;

/** Rows in their order; one group knows nothing of another. */
export const GROUPS: Readonly<Record<string, readonly Row[]>> = {
  "services of Cloud Run": [
    ...services,
    bind("run services web", `/cloudRun/v1/${PLACE}/services/web`, "roles/run.viewer"),
    {
      gcloud: "run services delete web",
      rest: async (ask) => ask("DELETE", `${KNATIVE}/services/web`),
      shows: [],
    },
  ],
  "jobs of Cloud Run": jobs,
  "Cloud Deploy and Cloud Scheduler": [
    ...delivery,
    bind(
      `deploy delivery-pipelines ${PIPELINE}`,
      `/cloudDeploy/v1/${PLACE}/deliveryPipelines/${PIPELINE}`,
      "roles/clouddeploy.viewer",
    ),
    ...scheduler,
  ],
  "Cloud Storage": storage,
  policies: [
    bind("pubsub topics slipway-dead", `${pubsub}/topics/slipway-dead`, "roles/pubsub.viewer"),
    bind(
      "pubsub subscriptions slipway-dead",
      `${pubsub}/subscriptions/slipway-dead`,
      "roles/pubsub.viewer",
    ),
    {
      gcloud: "secrets create tried --replication-policy=automatic",
      rest: async (ask) =>
        ask("POST", `/secretManager/v1/projects/${PROJECT}/secrets?secretId=tried`, {
          replication: { automatic: {} },
        }),
      shows: [],
    },
    bind(
      "secrets tried",
      `/secretManager/v1/projects/${PROJECT}/secrets/tried`,
      "roles/secretmanager.viewer",
    ),
    bind(
      `iam service-accounts ${ACCOUNT}`,
      `/iam/v1/projects/${PROJECT}/serviceAccounts/${ACCOUNT}`,
      "roles/iam.serviceAccountUser",
      "POST",
    ),
    bind("projects example-ci", "/resourceManager/v1/projects/example-ci", "roles/browser", "POST"),
  ],
};
