import type { Obstacle } from "../engine/plan.ts";
import type { Google } from "../kinds/google.ts";
import { isObject, objects, texts } from "../resource.ts";
import type { Fields } from "../resource.ts";
import type { Platform } from "../settings.ts";
import { apis } from "../table/apis.ts";

/** A policy of organizations that an installation meets. */
type Constraint = {
  readonly id: string;
  /** What its rules forbid that an installation needs; empty for nothing, or for what cannot be told. */
  readonly forbidden: (rules: readonly Fields[], platform: Platform) => readonly string[];
  readonly what: string;
  readonly mend: string;
};

const EXCEPTION =
  "ask whoever looks after the organization's policies for an exception for this project";

/** Source: https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints */
const CONSTRAINTS: readonly Constraint[] = [
  {
    id: "iam.disableServiceAccountCreation",
    forbidden: enforced,
    what: "nobody may make service accounts",
    mend: EXCEPTION,
  },
  {
    id: "iam.managed.disableServiceAccountCreation",
    forbidden: enforced,
    what: "nobody may make service accounts",
    mend: EXCEPTION,
  },
  {
    id: "cloudfunctions.requireVPCConnector",
    forbidden: enforced,
    what: "functions must have a VPC connector, and Slipway's have none",
    mend: EXCEPTION,
  },
  {
    id: "cloudfunctions.allowedIngressSettings",
    forbidden: (rules) => refused(rules, ["ALLOW_ALL", "ALLOW_INTERNAL_ONLY"]),
    what: "the API must be reached from the internet and the other functions from inside, which is not allowed",
    mend: EXCEPTION,
  },
  {
    id: "iam.allowedPolicyMemberDomains",
    forbidden: (rules, { chat }) => (chat === null || isOpen(rules) ? [] : [""]),
    what: "anybody of another organization may be given nothing, and Slack calls chat as anybody",
    mend: "leave chat out of the installation's file, or ask whoever looks after the organization's policies for an exception for this project",
  },
  {
    id: "gcp.resourceLocations",
    forbidden: (rules, { location }) => refused(rules, [location]),
    what: "nobody may make anything in the region",
    mend: "set location in the installation's file to a region that is allowed",
  },
  {
    id: "gcp.restrictServiceUsage",
    forbidden: (rules, platform) => {
      const own = apis(platform).find(({ project }) => project === platform.project);
      return refused(rules, texts(own?.fields["enabled"]));
    },
    what: "nobody may use some APIs",
    mend: EXCEPTION,
  },
];

/**
 * What the organization forbids and the installation needs, as far as the caller may see it: who may not is not
 * stopped for it.
 * Source: https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest
 */
export async function organizationObstacles(
  google: Google,
  platform: Platform,
): Promise<readonly Obstacle[]> {
  const looks = CONSTRAINTS.map(
    async ({ id, forbidden, what, mend }): Promise<readonly Obstacle[]> => {
      const rules = await rulesOf(google, platform.project, id);
      const found = forbidden(rules, platform);
      const named = found.filter((one) => one !== "");
      const list = named.length === 0 ? "" : `: ${named.join(", ")}`;
      return found.length === 0
        ? []
        : [{ what: `policy ${id} of the organization: ${what}${list}`, mend }];
    },
  );
  return (await Promise.all(looks)).flat();
}

async function rulesOf(google: Google, project: string, id: string): Promise<readonly Fields[]> {
  const path = `v2/projects/${project}/policies/${id}:getEffectivePolicy`;
  try {
    const { spec } = await google.call("orgpolicy", { method: "GET", path });
    return objects(isObject(spec) ? spec["rules"] : []).filter(
      ({ condition }) => condition === undefined,
    );
  } catch {
    return [];
  }
}

/** Whether a policy restricts nothing. Source: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains */
function isOpen(rules: readonly Fields[]): boolean {
  return rules.length === 0 || rules.some((rule) => rule["allowAll"] === true);
}

function enforced(rules: readonly Fields[]): readonly string[] {
  return rules.some((rule) => rule["enforce"] === true) ? [""] : [];
}

/** Those of the values that a list of rules refuses. Groups of values, such as `in:eu-locations`, cannot be told. */
function refused(rules: readonly Fields[], wanted: readonly string[]): readonly string[] {
  if (rules.some((rule) => rule["denyAll"] === true)) {
    return wanted;
  }
  const lists = rules.map(({ values }) => (isObject(values) ? values : {}));
  const denied = new Set(lists.flatMap((one) => texts(one["deniedValues"])).map(plain));
  const allowed = lists.flatMap((one) => texts(one["allowedValues"]));
  const isTold = allowed.length > 0 && !allowed.some((one) => one.startsWith("in:"));
  const permitted = new Set(allowed.map(plain));
  return wanted.filter((one) => denied.has(one) || (isTold && !permitted.has(one)));
}

function plain(value: string): string {
  return value.replace(/^is:/, "");
}
