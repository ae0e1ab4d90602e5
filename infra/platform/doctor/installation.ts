import type { Change } from "../engine/plan.ts";
import type { InstallationPlan } from "../installer.ts";
import { GROUP_INDEXES } from "../table/database.ts";
import { versionLabel } from "../table/functions.ts";
import { failure, warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** The command that makes the cloud what the installation's file asks for. */
const APPLY = "slipway install apply";

/** How many differences are told one by one. */
const TOLD_MAX = 10;

/** What the comparison of an installation with the cloud shows: permissions, the index, the version, drift. */
export function installationFindings(plan: InstallationPlan, version: string): readonly Finding[] {
  const found = [
    ...plan.obstacles.map(({ what, mend }) => failure("permissions", what, mend)),
    ...plan.warnings.map(({ what, mend }) => warning("permissions", what, mend)),
  ];
  if (plan.platform === null) {
    return found;
  }
  return [
    ...(found.length === 0
      ? [
          well(
            "permissions",
            "you have the rights that an installation needs, and everything that it names is there",
          ),
        ]
      : found),
    indexFinding(plan.changes),
    versionFinding(plan, version),
    ...driftFindings(plan.changes),
  ];
}

function isIndex({ resource }: Change): boolean {
  const { kind, name } = resource;
  return kind === "index" && GROUP_INDEXES.some(({ place }) => name.endsWith(`/${place}`));
}

/** Without them no promotion is found by its id, and nobody is told what changed anywhere. */
function indexFinding(changes: readonly Change[]): Finding {
  const lacking = changes.find((change) => isIndex(change) && change.action !== "unchanged");
  return lacking === undefined
    ? well("index", "what is looked for over all services is found")
    : failure("index", `an index over all services is not there: ${lacking.resource.name}`, APPLY);
}

function versionFinding({ mark }: InstallationPlan, version: string): Finding {
  const own = versionLabel(version);
  if (mark?.version === null || mark === null) {
    return failure("version", "nothing says which version is installed", APPLY);
  }
  if (mark.state === "applying") {
    return failure("version", `an installation of version ${mark.version} is not complete`, APPLY);
  }
  return mark.version === own
    ? well("version", `version ${own} is installed`)
    : warning("version", `version ${mark.version} is installed, and this is ${own}`, APPLY);
}

/** What is not as the file asks: changed by hand, gone, or asked for since. */
function driftFindings(changes: readonly Change[]): readonly Finding[] {
  const drifted = changes.filter((change) => change.action !== "unchanged" && !isIndex(change));
  if (drifted.length === 0) {
    return [well("installation", `all ${changes.length} resources are as they should be`)];
  }
  const told = drifted.slice(0, TOLD_MAX).map((change) => {
    return warning("installation", describe(change), APPLY);
  });
  const more = drifted.length - told.length;
  return more === 0
    ? told
    : [...told, warning("installation", `${more} more resources differ`, "slipway install plan")];
}

function describe({ resource: { kind, name }, action, changes }: Change): string {
  switch (action) {
    case "create":
      return `${kind} ${name} is not there`;
    case "delete":
      return `${kind} ${name} is there, and nothing asks for it any more`;
    case "update":
    case "unchanged":
      return `${kind} ${name} differs in ${changes.map(({ field }) => field).join(", ")}`;
  }
}
