import type { Category } from "../../shared/domain/service.ts";
import {
  grantsOf,
  INSTALLATION_RIGHTS,
  RIGHTS,
  rolesOf,
} from "../../shared/domain/rights/table.ts";
import type { Grant, InstallationRight, Right } from "../../shared/domain/rights/table.ts";
import { RELATIONS } from "../../shared/domain/rights/relation.ts";
import type { Relation } from "../../shared/domain/rights/relation.ts";

const START = "<!-- begin: made by npm run rights -->";
const END = "<!-- end -->";

const CATEGORIES: readonly Category[] = ["test", "internal", "external"];

const ACTS: Readonly<Record<Right | InstallationRight, string>> = {
  read: "read",
  "make-release": "make a release",
  promote: "promote, retry, start a migration",
  cancel: "cancel a promotion",
  "roll-back": "roll back",
  "break-glass": "break the glass",
  approve: "approve, reject",
  restore: "restore data here",
  copy: "copy data elsewhere",
  stop: "hold, mark bad, and undo that",
  overrule: "undo what on-call held or marked",
  apply: "apply a specification",
  "read-all": "read the installation's record",
  "stop-all": "hold everything, and undo that",
  "overrule-all": "undo on-call's hold on everything",
  govern: "apply what changes rights",
  "add-service": "add a service, remove it",
};

const NAMES: Readonly<Record<Relation, string>> = {
  viewer: "viewers",
  deployer: "deployers",
  approver: "approvers",
  oncall: "on-call",
  owner: "owners",
  releaser: "CI",
  promoter: "`promote`",
  "named-approver": "`approve`",
  "glass-breaker": "`breakGlass`",
  "named-elsewhere": "named elsewhere",
};

/** A document with its table of rights made anew. @throws Error when it has no place for it. */
export function withRights(document: string): string {
  const [before = "", rest] = document.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) {
    throw new Error(`the document lacks ${START} or ${END}`);
  }
  return `${before}${START}\n\n${rightsText()}\n\n${END}${after}`;
}

function rightsText(): string {
  const rows = RIGHTS.map((right) =>
    [ACTS[right]].concat(CATEGORIES.map((category) => whoText(right, category))),
  );
  const wide = INSTALLATION_RIGHTS.map((right) => [
    ACTS[right],
    rolesOf(right)
      .map((role) => NAMES[role])
      .join(", "),
  ]);
  return [
    tableText([["who may", ...CATEGORIES.map((category) => `\`${category}\``)], ...rows]),
    tableText([["who may, in the whole installation", "roles"], ...wide]),
  ].join("\n\n");
}

function whoText(right: Right, category: Category): string {
  const grants = grantsOf(right, category);
  if (grants.length === RELATIONS.length) {
    return "all of them";
  }
  return RELATIONS.flatMap((relation) => grants.filter(({ to }) => to === relation))
    .map((grant) => `${NAMES[grant.to]}${markOf(grant)}`)
    .join(", ");
}

/** The note under which a grant stands. */
function markOf({ unless }: Grant): string {
  if (unless.length === 0) {
    return "";
  }
  if (unless.includes("named-approver")) {
    return "³";
  }
  return unless.includes("owner") ? "²" : "¹";
}

/** A table as the formatter leaves it. */
function tableText([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(head), rule, ...rows.map(line)].join("\n");
}
