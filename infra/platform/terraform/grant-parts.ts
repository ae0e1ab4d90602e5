import { isObject, texts } from "../resource.ts";
import type { Resource } from "../resource.ts";
import { argument } from "./hcl.ts";
import type { Body } from "./hcl.ts";
import type { TerraformResource } from "./to-terraform.ts";

type Target = { readonly type: string; readonly body: Body };

/** One resource for each role and member: it adds the member and leaves all others. */
export function grantParts({ name, fields }: Resource): readonly TerraformResource[] {
  const bindings = isObject(fields["bindings"]) ? fields["bindings"] : {};
  const { type, body } = targetOf(name);
  return Object.entries(bindings).flatMap(([role, members]) =>
    texts(members).map((member) => ({
      type,
      label: `${name}_${role}_${member}`.replaceAll(/[^A-Za-z0-9]+/g, "_"),
      body: [...body, argument("role", role), argument("member", member)],
    })),
  );
}

function targetOf(name: string): Target {
  const [, project = "", collection = "", second = "", , id = ""] = name.split("/");
  if (!name.includes("/")) {
    return { type: "google_storage_bucket_iam_member", body: [argument("bucket", name)] };
  }
  switch (collection) {
    case "":
      return { type: "google_project_iam_member", body: [argument("project", project)] };
    case "topics":
      return {
        type: "google_pubsub_topic_iam_member",
        body: [argument("project", project), argument("topic", second)],
      };
    case "subscriptions":
      return {
        type: "google_pubsub_subscription_iam_member",
        body: [argument("project", project), argument("subscription", second)],
      };
    case "serviceAccounts":
      return {
        type: "google_service_account_iam_member",
        body: [argument("service_account_id", name)],
      };
    case "secrets":
      return {
        type: "google_secret_manager_secret_iam_member",
        body: [argument("project", project), argument("secret_id", second)],
      };
    default: {
      const place = [argument("project", project), argument("location", second)];
      return name.includes("/services/")
        ? {
            type: "google_cloud_run_v2_service_iam_member",
            body: [...place, argument("name", id)],
          }
        : {
            type: "google_artifact_registry_repository_iam_member",
            body: [...place, argument("repository", id)],
          };
    }
  }
}
