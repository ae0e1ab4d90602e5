import { keyOf } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { Platform } from "../settings.ts";
import { sourcesBucket } from "../table/names.ts";
import { argument, block, expression, toHcl } from "./hcl.ts";
import type { Block } from "./hcl.ts";
import { toTerraform } from "./to-terraform.ts";
import type { TerraformResource } from "./to-terraform.ts";

/** The oldest version of the provider with every argument that the module uses. */
const PROVIDER = ">= 6.0";
const TERRAFORM = ">= 1.5";

/** The object that the functions' sources are uploaded as. */
const SOURCES_LABEL = "deployable";

/**
 * A Terraform module of the same table. Each resource of it says which resource of the table it is, and depends on
 * what that needs.
 */
export function terraformModule(platform: Platform, table: readonly Resource[]): string {
  const made = table.map((resource) => ({ resource, parts: toTerraform(resource) }));
  const addresses = new Map(
    made.map(({ resource, parts }) => [keyOf(resource), parts.map(addressOf)] as const),
  );
  return toHcl([
    ...heading(),
    sources(platform),
    ...made.flatMap(({ resource, parts }) =>
      parts.map((part) => toBlock(resource, part, dependencies(resource, addresses))),
    ),
  ]);
}

/** Where a resource is in its module. */
export function addressOf({ type, label }: TerraformResource): string {
  return `${type}.${label}`;
}

function dependencies(
  { needs }: Resource,
  addresses: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return needs.flatMap((key) => addresses.get(key) ?? []);
}

function toBlock(
  resource: Resource,
  { type, label, body }: TerraformResource,
  needs: readonly string[],
): Block {
  const depends = needs.length === 0 ? [] : [expression("depends_on", `[${needs.join(", ")}]`)];
  return {
    type: "resource",
    labels: [type, label],
    comment: `${keyOf(resource)}: ${resource.why}`,
    body: [...body, ...depends],
  };
}

function heading(): readonly Block[] {
  return [
    {
      type: "terraform",
      labels: [],
      comment: "Written by slipway install export --terraform; no provider has run it.",
      body: [
        argument("required_version", TERRAFORM),
        block("required_providers", [
          argument("google", { source: "hashicorp/google", version: PROVIDER }),
          argument("google-beta", { source: "hashicorp/google-beta", version: PROVIDER }),
        ]),
      ],
    },
    {
      type: "variable",
      labels: [SOURCES_LABEL],
      comment: "",
      body: [
        argument("description", "The zip of what npm run build leaves in dist/deploy."),
        expression("type", "string"),
      ],
    },
  ];
}

function sources(platform: Platform): Block {
  return {
    type: "resource",
    labels: ["google_storage_bucket_object", SOURCES_LABEL],
    comment: "What the functions are made of.",
    body: [
      argument("bucket", sourcesBucket(platform)),
      argument("name", `functions/${platform.bundleHash}.zip`),
      expression("source", `var.${SOURCES_LABEL}`),
    ],
  };
}
