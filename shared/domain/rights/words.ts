import type { Principal } from "../policy.ts";
import type { Asked, Bearers, Question } from "./question.ts";
import type { Place, Relation } from "./relation.ts";
import type { InstallationRight, Right } from "./table.ts";

/** How many principals of one relation are named; the others are counted. */
const TOLD_MAX = 5;

const ACTS: Readonly<Record<Right | InstallationRight, string>> = {
  read: "read",
  "make-release": "make releases for",
  promote: "promote into",
  cancel: "cancel a promotion into",
  "roll-back": "roll back",
  "break-glass": "break the glass in",
  approve: "approve in",
  restore: "restore data into",
  copy: "copy data out of",
  stop: "place holds or mark releases in",
  overrule: "undo a hold or bad mark of on-call in",
  apply: "apply a specification that concerns",
  "read-all": "read the record of the whole installation",
  "stop-all": "hold everything, or lift a hold on everything",
  "overrule-all": "lift a hold that on-call placed on everything",
  govern: "change who may do what, or what protects an environment",
  "add-service": "add services, or remove them",
};

/**
 * Why a caller may not do what they asked: who may, and how to get the right. Only for callers who may read the
 * service, because it tells whom the specification names.
 */
export function refusalWords(who: string, question: Question, refused: Asked["places"]): string {
  const [first] = refused;
  const bearers = first?.by.filter(({ principals }) => principals.length > 0) ?? [];
  const told = bearers.map(({ relation, principals }) => tell(first, relation, principals));
  const whoMay =
    told.length === 0
      ? "Nobody may, because nobody is named for it"
      : `Who may: ${told.join("; ")}`;
  return `${who} may not ${actText(question, first)}. ${whoMay}. ${wayIn(first, bearers)}`;
}

function actText(question: Question, at: Bearers | undefined): string {
  const act = ACTS[question.right];
  if (!("service" in question)) {
    return act;
  }
  const environment = at?.place?.environment.id;
  const { service } = question;
  return environment === undefined || question.where === "anywhere"
    ? `${act} ${service.id}`
    : `${act} ${environment} of ${service.id}`;
}

function tell(
  at: Bearers | undefined,
  relation: Relation,
  principals: readonly Principal[],
): string {
  const names = principals.slice(0, TOLD_MAX).join(", ");
  const more = principals.length - TOLD_MAX;
  const all = more > 0 ? `${names} and ${more} more` : names;
  switch (relation) {
    case "viewer":
    case "deployer":
    case "approver":
      return `the installation's ${relation}s`;
    case "oncall":
      return "the installation's on-call";
    case "owner":
      return `the service's owners (${all})`;
    case "releaser":
      return `the account of rollout.serviceAccount (${all})`;
    case "promoter":
      return `${keyOf(at?.place ?? null, "access.promote")} (${all})`;
    case "named-approver":
      return `${approversKey(at?.place ?? null)} (${all})`;
    case "glass-breaker":
      return `${keyOf(at?.place ?? null, "access.breakGlass")} (${all})`;
    case "named-elsewhere":
      return `whoever is named in another environment (${all})`;
  }
}

function approversKey(place: Place | null): string {
  const from = place?.environment.policy.approvals?.from ?? [];
  return keyOf(place, from.length === 0 ? "access.approve" : "approvals.from");
}

function keyOf(place: Place | null, key: string): string {
  return `${place === null ? "" : `${place.environment.id}'s `}${key}`;
}

/** How to get the right: by a role that the installation gives, or by a list in the specification. */
function wayIn(at: Bearers | undefined, bearers: Bearers["by"]): string {
  const ask = "ask whoever runs this installation for the role";
  if (at?.place === null || at?.place === undefined) {
    return `To get the right, ${ask}`;
  }
  const isByRole = bearers.some(({ relation }) => ["deployer", "approver"].includes(relation));
  const list = `get named under delivery.environments.${at.place.environment.id} in service.yaml and have it applied`;
  return isByRole ? `To get the right, ${ask}, or ${list}` : `To get the right, ${list}`;
}
