import { idOf, parentOf } from "../kinds/rest-kind.ts";
import { isObject, texts } from "../resource.ts";
import type { Fields, Json, Resource } from "../resource.ts";
import { grantParts } from "./grant-parts.ts";
import { argument, block, expression } from "./hcl.ts";
import type { Body, Entry } from "./hcl.ts";

/** A resource of the provider. */
export type TerraformResource = {
  readonly type: string;
  readonly label: string;
  readonly body: Body;
};

/** What one resource of the table is in Terraform: one resource, or one for each API or member. */
export function toTerraform(resource: Resource): readonly TerraformResource[] {
  const { kind, name, project, fields } = resource;
  const label = labelOf(name);
  switch (kind) {
    case "apis":
      return texts(fields["enabled"]).map((service) => ({
        type: "google_project_service",
        label: labelOf(`${project}/${service}`),
        body: [
          argument("project", project),
          argument("service", service),
          argument("disable_on_destroy", false),
        ],
      }));
    case "grants":
      return grantParts(resource);
    case "service agent":
      return [
        {
          type: "google_project_service_identity",
          label,
          body: [
            expression("provider", "google-beta"),
            argument("project", project),
            argument("service", idOf(name)),
          ],
        },
      ];
    case "account":
    case "role":
    case "bucket":
    case "repository":
    case "topic":
    case "database":
    case "index":
    case "backup schedule":
    case "function":
    case "subscription":
    case "job":
    case "channel":
    case "alert policy":
    case "dashboard":
      return [
        {
          type: TYPES[kind],
          label,
          body: [argument("project", project), ...BODIES[kind](resource)],
        },
      ];
  }
}

const TYPES = {
  account: "google_service_account",
  role: "google_project_iam_custom_role",
  bucket: "google_storage_bucket",
  repository: "google_artifact_registry_repository",
  topic: "google_pubsub_topic",
  database: "google_firestore_database",
  index: "google_firestore_field",
  "backup schedule": "google_firestore_backup_schedule",
  function: "google_cloudfunctions2_function",
  subscription: "google_pubsub_subscription",
  job: "google_cloud_scheduler_job",
  channel: "google_monitoring_notification_channel",
  "alert policy": "google_monitoring_alert_policy",
  dashboard: "google_monitoring_dashboard",
} as const;

const BODIES: Readonly<Record<keyof typeof TYPES, (resource: Resource) => Body>> = {
  account: ({ name, fields }) => [
    argument("account_id", idOf(name).split("@")[0] ?? ""),
    ...snakeCased(fields),
  ],
  role: ({ name, fields }) => [
    argument("role_id", idOf(name)),
    argument("permissions", fields["includedPermissions"] ?? []),
    ...snakeCased(without(fields, "includedPermissions")),
  ],
  bucket: ({ name, fields }) => [
    argument("name", name),
    argument("uniform_bucket_level_access", true),
    argument("public_access_prevention", "enforced"),
    ...snakeCased(without(fields, "iamConfiguration")),
  ],
  repository: ({ name, fields }) => [
    argument("location", idOf(parentOf(name))),
    argument("repository_id", idOf(name)),
    ...snakeCased(fields),
  ],
  topic: ({ name, fields }) => [argument("name", idOf(name)), ...snakeCased(fields)],
  database: ({ name, fields }) => [
    argument("name", idOf(name)),
    // Whoever destroys the module keeps the record.
    argument("deletion_policy", "ABANDON"),
    ...snakeCased(fields),
  ],
  index: indexBody,
  "backup schedule": ({ name, fields }) => [
    argument("database", idOf(parentOf(name))),
    ...snakeCased(fields),
  ],
  function: functionBody,
  subscription: ({ name, fields }) => [
    argument("name", idOf(name)),
    ...snakeCased(without(fields, "expirationPolicy")),
    block("expiration_policy", [argument("ttl", "")]),
  ],
  job: ({ name, fields }) => [
    argument("name", idOf(name)),
    argument("region", idOf(parentOf(name))),
    ...snakeCased(fields),
  ],
  channel: ({ fields }) => snakeCased(fields),
  "alert policy": ({ fields }) => snakeCased(fields),
  dashboard: ({ fields }) => [argument("dashboard_json", JSON.stringify(fields))],
};

/** An index of one field; a field without any is left out of the indexes. */
function indexBody({ name, fields }: Resource): Body {
  const [, , , database = "", , collection = "", , field = ""] = name.split("/");
  const { indexConfig } = fields;
  const indexes = isObject(indexConfig) ? indexConfig["indexes"] : [];
  const all: readonly Json[] = Array.isArray(indexes) ? indexes : [];
  return [
    argument("database", database),
    argument("collection", collection),
    argument("field", field),
    block(
      "index_config",
      all.filter(isObject).map((index) => {
        const [first] = Array.isArray(index["fields"]) ? index["fields"].filter(isObject) : [];
        return block("indexes", [
          argument("query_scope", index["queryScope"] ?? ""),
          argument("order", first?.["order"] ?? ""),
        ]);
      }),
    ),
    ...(isObject(fields["ttlConfig"]) ? [block("ttl_config", [])] : []),
  ];
}

function functionBody({ name, fields }: Resource): Body {
  const { buildConfig } = fields;
  return [
    argument("name", idOf(name)),
    argument("location", idOf(parentOf(name))),
    ...snakeCased(without(without(fields, "environment"), "buildConfig")),
    block("build_config", [
      ...snakeCased(isObject(buildConfig) ? buildConfig : {}),
      block("source", [
        block("storage_source", [
          expression("bucket", "google_storage_bucket_object.deployable.bucket"),
          expression("object", "google_storage_bucket_object.deployable.name"),
        ]),
      ]),
    ]),
  ];
}

/** Objects that are maps of whatever keys somebody chose, and so arguments rather than blocks. */
const MAPS: ReadonlySet<string> = new Set(["labels", "userLabels", "environmentVariables"]);

/** Fields of an API as the provider has them: names with underscores, objects as blocks. */
function snakeCased(fields: Fields): Body {
  return Object.entries(fields).flatMap(([key, value]): readonly Entry[] => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (isObject(value) && !MAPS.has(key)) {
      return [block(name, snakeCased(value))];
    }
    if (Array.isArray(value) && value.some(isObject)) {
      return value.filter(isObject).map((item) => block(name, snakeCased(item)));
    }
    return [argument(name, value)];
  });
}

function without(fields: Fields, key: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));
}

/** A name as Terraform takes it: letters, digits and underscores. */
export function labelOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]+/g, "_").replace(/^(?=\d)/, "_");
}
