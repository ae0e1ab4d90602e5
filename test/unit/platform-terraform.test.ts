import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { keyOf } from "../../infra/platform/resource.ts";
import { terraformModule } from "../../infra/platform/terraform/module.ts";
import { toTerraform } from "../../infra/platform/terraform/to-terraform.ts";
import { somePlatform, someTable } from "../support/platform/settings.ts";

/** Its own types bring those of browsers, which are looser than Node's for the whole project. */
const library: unknown = createRequire(import.meta.url)("@cdktf/hcl2json");
const { parse } = z
  .object({
    parse: z.custom<(file: string, text: string) => Promise<unknown>>(
      (value) => typeof value === "function",
    ),
  })
  .parse(library);

/** What an argument is in the provider; one with a block has further arguments. */
type Schema = {
  readonly [name: string]: {
    readonly required?: true | undefined;
    readonly block?: Schema | undefined;
  };
};

const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.record(
    z.string(),
    z.object({ required: z.literal(true).optional(), block: Schema.optional() }),
  ),
);

const fixture = new URL("../fixtures/terraform/google-6.50.0.json", import.meta.url);
const { resources: schemas } = z
  .object({ resources: z.record(z.string(), Schema) })
  .parse(JSON.parse(readFileSync(fixture, "utf8")));

/** The one type that the published schema does not have: it is of the provider google-beta. */
const BETA = "google_project_service_identity";
/** What every resource may have. */
const META: ReadonlySet<string> = new Set(["depends_on", "provider"]);

const Bodies = z.array(z.record(z.string(), z.unknown()));
const Parsed = z.object({
  terraform: Bodies,
  variable: z.record(z.string(), Bodies),
  resource: z.record(z.string(), z.record(z.string(), Bodies)),
});

const platform = somePlatform();
const table = someTable();
const text = terraformModule(platform, table);
let parsed: z.output<typeof Parsed>;

beforeAll(async () => {
  parsed = Parsed.parse(await parse("slipway.tf", text));
});

test("every type, argument and block of the module is the provider's, and none that it requires is missing", () => {
  const complaints = Object.entries(parsed.resource).flatMap(([type, named]) =>
    Object.entries(named).flatMap(([label, bodies]) => {
      const schema = schemas[type];
      if (schema === undefined) {
        return type === BETA ? [] : [`${type} is no resource of the provider`];
      }
      return bodies.flatMap((body) => complain(schema, body, `${type}.${label}`));
    }),
  );
  expect(complaints).toEqual([]);
});

function complain(
  schema: Schema,
  body: Readonly<Record<string, unknown>>,
  where: string,
): readonly string[] {
  const missing = Object.entries(schema)
    .filter(([name, { required }]) => required === true && !(name in body))
    .map(([name]) => `${where} lacks ${name}`);
  const wrong = Object.entries(body).flatMap(([name, value]) => {
    const known = schema[name];
    if (known === undefined) {
      return META.has(name) ? [] : [`${where} has ${name}, which the provider does not have`];
    }
    const inner = Bodies.safeParse(value);
    if (known.block === undefined) {
      return inner.success && inner.data.length > 0 ? [`${where}.${name} is no block`] : [];
    }
    const { block } = known;
    return inner.success
      ? inner.data.flatMap((one) => complain(block, one, `${where}.${name}`))
      : [`${where}.${name} must be a block`];
  });
  return [...missing, ...wrong];
}

test("an argument that the provider does not have is found, at any depth", () => {
  const schema = schemas["google_pubsub_subscription"] ?? {};
  const good = { name: "s", topic: "t" };
  expect(complain(schema, good, "x")).toEqual([]);
  expect(complain(schema, { ...good, push: 1 }, "x")).toHaveLength(1);
  expect(complain(schema, { name: "s" }, "x")).toEqual(["x lacks topic"]);
  expect(complain(schema, { ...good, retry_policy: [{ minimum: "10s" }] }, "x")).toHaveLength(1);
  expect(complain(schema, { ...good, retry_policy: "10s" }, "x")).toHaveLength(1);
});

test("table and module agree resource by resource, and each depends on what it needs", () => {
  const wanted = table.flatMap((resource) =>
    toTerraform(resource).map(({ type, label }) => `${type}.${label}`),
  );
  const there = Object.entries(parsed.resource).flatMap(([type, named]) =>
    Object.keys(named).map((label) => `${type}.${label}`),
  );
  expect(new Set(wanted).size).toBe(wanted.length);
  expect(there.toSorted()).toEqual(
    [...wanted, "google_storage_bucket_object.deployable"].toSorted(),
  );
  for (const resource of table) {
    const needed = resource.needs.flatMap((key) => {
      const need = table.find((one) => keyOf(one) === key);
      expect(need, `${keyOf(resource)} needs ${key}`).toBeDefined();
      return need === undefined
        ? []
        : toTerraform(need).map(({ type, label }) => `${type}.${label}`);
    });
    for (const { type, label } of toTerraform(resource)) {
      const depends = parsed.resource[type]?.[label]?.[0]?.["depends_on"] ?? [];
      expect(new Set([depends].flat().map(String)), label).toEqual(
        new Set(needed.map((address) => `\${${address}}`)),
      );
    }
  }
});

function written(type: string, label: string): Readonly<Record<string, unknown>> {
  return parsed.resource[type]?.[label]?.[0] ?? {};
}

test("the module says the same as the table of what matters most", () => {
  const tick = written(
    "google_pubsub_subscription",
    "projects_acme_slipway_subscriptions_slipway_on_tick_slipway_ticks",
  );
  expect(tick).toMatchObject({
    ack_deadline_seconds: 600,
    message_retention_duration: "600s",
    expiration_policy: [{ ttl: "" }],
    retry_policy: [{ minimum_backoff: "10s", maximum_backoff: "600s" }],
    dead_letter_policy: [
      {
        dead_letter_topic: "projects/acme-slipway/topics/slipway-dead",
        max_delivery_attempts: 10,
      },
    ],
  });
  const index = written(
    "google_firestore_field",
    "projects_acme_slipway_databases_slipway_collectionGroups_promotions_fields_id",
  );
  expect(index["index_config"]).toEqual([
    {
      indexes: [
        { order: "ASCENDING", query_scope: "COLLECTION" },
        { order: "DESCENDING", query_scope: "COLLECTION" },
        { order: "ASCENDING", query_scope: "COLLECTION_GROUP" },
      ],
    },
  ]);
  const api = written(
    "google_cloudfunctions2_function",
    "projects_acme_slipway_locations_europe_west3_functions_api",
  );
  expect(api).toMatchObject({
    build_config: [{ runtime: "nodejs24", entry_point: "api" }],
    service_config: [
      { timeout_seconds: 120, max_instance_count: 20, ingress_settings: "ALLOW_ALL" },
    ],
  });
});

test("a text that would begin a template in Terraform does not", async () => {
  const { toHcl, argument } = await import("../../infra/platform/terraform/hcl.ts");
  const odd = 'a "b" ${c} %{d} \\ \n e';
  const body = [argument("x", odd)];
  const read: unknown = await parse(
    "a.tf",
    toHcl([{ type: "locals", labels: [], comment: "", body }]),
  );
  expect(read).toEqual({ locals: [{ x: 'a "b" $${c} %%{d} \\ \n e' }] });
});

/** The members of each thing that has some, of one kind of resource. */
function membersBy(type: string, key: string, role: string): Readonly<Record<string, unknown>> {
  const all = Object.values(parsed.resource[type] ?? {}).flatMap((bodies) => bodies.slice(0, 1));
  const named = all.filter((body) => body["role"] === role);
  return Object.fromEntries(
    [...Map.groupBy(named, (body) => String(body[key]))].map(([name, same]) => [
      name,
      same.map(({ member }) => String(member).split("@")[0]),
    ]),
  );
}

test("chat and on-notice are in the module with their accounts, who may call them, and the secrets that they read", () => {
  const functions = Object.values(parsed.resource["google_cloudfunctions2_function"] ?? {});
  const accounts = functions.flatMap(([body]) =>
    Bodies.parse(body?.["service_config"]).map((config) => [
      body?.["name"],
      String(config["service_account_email"]).split("@")[0],
    ]),
  );
  expect(Object.fromEntries(accounts)).toMatchObject({
    chat: "slipway-api",
    "on-notice": "slipway-notice",
  });
  const invoker = "roles/run.invoker";
  expect(membersBy("google_cloud_run_v2_service_iam_member", "name", invoker)).toMatchObject({
    chat: ["allUsers"],
    "on-notice": ["serviceAccount:slipway-events"],
  });
  const accessor = "roles/secretmanager.secretAccessor";
  expect(membersBy("google_secret_manager_secret_iam_member", "secret_id", accessor)).toMatchObject(
    {
      "slack-signing-secret": ["serviceAccount:slipway-api"],
      "slack-token": ["serviceAccount:slipway-api", "serviceAccount:slipway-notice"],
      "smtp-password": ["serviceAccount:slipway-notice"],
      "github-key": ["serviceAccount:slipway-notice"],
    },
  );
});
