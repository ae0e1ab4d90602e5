import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Api, Google, Request } from "../../infra/platform/kinds/google.ts";
import type { Obstacle } from "../../infra/platform/engine/plan.ts";
import { texts } from "../../infra/platform/resource.ts";
import type { Fields } from "../../infra/platform/resource.ts";
import { apis } from "../../infra/platform/table/apis.ts";
import { startAnswering } from "../support/answering-server.ts";
import { INSTALLER, startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { anInstaller, applyWatched, INSTALLED } from "../support/platform/installing.ts";
import type { Way } from "../support/platform/installing.ts";

const OWN = "projects/acme-slipway";
const PLACE = `${OWN}/locations/europe-west3`;
const DATABASE = `${OWN}/databases/slipway`;
const BUCKET = "acme-slipway-sources";
const OTHERS = "projects/acme-others";

let cloud: GoogleCloud;
let google: Google;

beforeAll(async () => {
  cloud = await startGoogleCloud(INSTALLED);
  ({ google } = await anInstaller(cloud));
  const own = apis(INSTALLED).find(({ project }) => project === INSTALLED.project);
  for (const api of texts(own?.fields["enabled"])) {
    await call("serviceusage", "POST", `v1/${OWN}/services/${api}:enable`, {});
  }
});

afterAll(async () => {
  await cloud.close();
});

async function call(
  api: Api,
  method: Request["method"],
  path: string,
  body?: Fields,
): Promise<Fields> {
  const [bare = "", search = ""] = path.split("?");
  const query = Object.fromEntries(new URLSearchParams(search));
  return google.call(api, { method, path: bare, query, ...(body !== undefined && { body }) });
}

/** What keeps it from being made. Whoever applies meets it too, and nothing was written. */
async function refused(way: Way = {}): Promise<readonly Obstacle[]> {
  const { obstacles, writes } = await applyWatched(cloud, {}, way);
  expect(writes).toEqual([]);
  return obstacles;
}

type Taken = {
  readonly kind: string;
  readonly name: string;
  readonly make: () => Promise<unknown>;
  readonly remove: () => Promise<unknown>;
};

const TOPIC = `${OWN}/topics/slipway-audit`;
const ACCOUNT = `${OWN}/serviceAccounts/slipway-run@acme-slipway.iam.gserviceaccount.com`;
const JOB = `${PLACE}/jobs/slipway-minute`;
const REPOSITORY = `${PLACE}/repositories/slipway-functions`;
const ROLE = `${OWN}/roles/slipwayState`;
const SUBSCRIPTION = `${OWN}/subscriptions/slipway-dead`;
const MINE = `${OWN}/topics/mine`;

const TAKEN: readonly Taken[] = [
  {
    kind: "topic",
    name: TOPIC,
    make: async () => call("pubsub", "PUT", `v1/${TOPIC}`, {}),
    remove: async () => call("pubsub", "DELETE", `v1/${TOPIC}`),
  },
  {
    kind: "subscription",
    name: SUBSCRIPTION,
    make: async () => {
      await call("pubsub", "PUT", `v1/${MINE}`, {});
      await call("pubsub", "PUT", `v1/${SUBSCRIPTION}`, { topic: MINE });
    },
    remove: async () => {
      await call("pubsub", "DELETE", `v1/${SUBSCRIPTION}`);
      await call("pubsub", "DELETE", `v1/${MINE}`);
    },
  },
  {
    kind: "account",
    name: ACCOUNT,
    make: async () =>
      call("iam", "POST", `v1/${OWN}/serviceAccounts`, { accountId: "slipway-run" }),
    remove: async () => call("iam", "DELETE", `v1/${ACCOUNT}`),
  },
  {
    kind: "role",
    name: ROLE,
    make: async () =>
      call("iam", "POST", `v1/${OWN}/roles`, { roleId: "slipwayState", role: { title: "mine" } }),
    remove: async () => call("iam", "DELETE", `v1/${ROLE}`),
  },
  {
    kind: "job",
    name: JOB,
    make: async () =>
      call("scheduler", "POST", `v1/${PLACE}/jobs`, {
        name: JOB,
        schedule: "* * * * *",
        timeZone: "Etc/UTC",
        httpTarget: { uri: "https://example.com" },
      }),
    remove: async () => call("scheduler", "DELETE", `v1/${JOB}`),
  },
  {
    kind: "repository",
    name: REPOSITORY,
    make: async () =>
      call("artifactregistry", "POST", `v1/${PLACE}/repositories?repositoryId=slipway-functions`, {
        format: "DOCKER",
      }),
    remove: async () => call("artifactregistry", "DELETE", `v1/${REPOSITORY}`),
  },
];

test.each(TAKEN)(
  "a $kind of a name that is taken is refused",
  async ({ kind, name, make, remove }) => {
    await make();
    const obstacles = await refused();
    await remove();
    expect(obstacles).toEqual([
      {
        what: `${kind} ${name} is there already, and Slipway did not make it`,
        mend: "remove or rename it if nobody needs it, or install Slipway in another project than acme-slipway",
      },
    ]);
  },
);

test("a service of Cloud Run that has the name of a function is refused", async () => {
  const service = {
    template: { containers: [{ image: "us-docker.pkg.dev/cloudrun/container/hello" }] },
  };
  const path = `v2/${PLACE}/services`;
  const owner = [{ role: "roles/owner", members: [INSTALLER] }];
  const { bindings = [] } = cloud.access.policies.get(OWN);
  cloud.access.policies.set(OWN, { bindings: [...bindings, ...owner] });
  await call("run", "POST", `${path}?serviceId=api`, service);
  const obstacles = await refused();
  await call("run", "DELETE", `${path}/api`);
  cloud.access.policies.set(OWN, { bindings });
  expect(obstacles).toEqual([
    {
      what: "the name api is taken by a service of Cloud Run in project acme-slipway",
      mend: "remove the service if nobody needs it, or install Slipway in another project than acme-slipway",
    },
  ]);
});

describe("a bucket of another project", () => {
  test("is refused, whether it may be read or not", async () => {
    const bindings = [{ role: "roles/owner", members: [INSTALLER] }];
    cloud.access.policies.set(OTHERS, { bindings });
    await call("storage", "POST", "storage/v1/b?project=acme-others", { name: BUCKET });
    const taken = [
      {
        what: `the name ${BUCKET} is taken by a bucket of another project than acme-slipway`,
        mend: "use another project for Slipway, or have that bucket removed",
      },
    ];
    expect(await refused()).toEqual(taken);
    cloud.access.policies.set(OTHERS, { bindings: [] });
    expect(await refused()).toEqual(taken);
    cloud.access.policies.set(OTHERS, { bindings });
    await call("storage", "DELETE", `storage/v1/b/${BUCKET}`);
    cloud.access.policies.set(OTHERS, { bindings: [] });
  });
});

async function withDatabase<Answer>(fields: Fields, act: () => Promise<Answer>): Promise<Answer> {
  await call("firestore", "POST", `v1/${OWN}/databases?databaseId=slipway`, fields);
  try {
    return await act();
  } finally {
    await call("firestore", "DELETE", `v1/${DATABASE}`);
  }
}

describe("a database of the name", () => {
  test("that no installation made is refused, unless it is taken over", async () => {
    const native = { type: "FIRESTORE_NATIVE", locationId: "europe-west3" };
    await withDatabase(native, async () => {
      expect((await refused()).map(({ mend }) => mend)).toEqual([
        "if a destroyed installation left it, say --take-over; otherwise install Slipway in another project",
      ]);
    });
  });

  test("in Datastore mode is refused, and cannot be taken over", async () => {
    const datastore = { type: "DATASTORE_MODE", locationId: "europe-west3" };
    await withDatabase(datastore, async () => {
      for (const takesOver of [false, true]) {
        expect((await refused({ takesOver })).map(({ what }) => what)).toContain(
          `database ${DATABASE} is in Datastore mode, and Slipway needs Native mode`,
        );
      }
    });
  });

  test("in another region is refused, and cannot be taken over", async () => {
    const elsewhere = { type: "FIRESTORE_NATIVE", locationId: "us-east1" };
    await withDatabase(elsewhere, async () => {
      expect((await refused({ takesOver: true })).map(({ what }) => what)).toEqual([
        `database ${DATABASE} has locationId us-east1, which cannot be changed to europe-west3`,
      ]);
    });
  });
});

test.each([
  ["0-0-9", "applying", "finish it with that version (slipway install apply), or say --take-over"],
  ["9-0-0", "complete", "use version 9-0-0, or say --take-over"],
])("version %s, %s, is refused", async (version, state, mend) => {
  const labels = { "slipway-version": version, "slipway-state": state };
  const body = { name: BUCKET, location: "EUROPE-WEST3", labels };
  await call("storage", "POST", "storage/v1/b?project=acme-slipway", body);
  const obstacles = await refused();
  await call("storage", "DELETE", `storage/v1/b/${BUCKET}`);
  expect(obstacles.map((one) => one.mend)).toEqual([expect.stringContaining(mend)]);
});

test("an API that is off where the caller's calls count is named", async () => {
  cloud.access.use({
    identify: () => ({ member: "serviceAccount:ci@acme-others.iam.gserviceaccount.com" }),
  });
  const obstacles = await refused();
  cloud.access.use({ identify: () => ({ member: INSTALLER }) });
  expect(obstacles).toEqual([
    {
      what: "the API cloudresourcemanager.googleapis.com is off in project acme-others, in which your calls count",
      mend: "gcloud services enable cloudresourcemanager.googleapis.com --project=acme-others",
    },
  ]);
});

test("what the organization forbids is refused", async () => {
  const organization = await startAnswering();
  const body = JSON.stringify({ spec: { rules: [{ enforce: true }] } });
  organization.answerBy((path) =>
    path.includes("/policies/iam.disableServiceAccountCreation:") ? { body } : { status: 404 },
  );
  const obstacles = await refused({ endpoints: { orgpolicy: organization.url } });
  await organization.close();
  expect(obstacles).toEqual([
    {
      what: "policy iam.disableServiceAccountCreation of the organization: nobody may make service accounts",
      mend: "ask whoever looks after the organization's policies for an exception for this project",
    },
  ]);
});
