import type { Path, Report } from "../problem.ts";
import type { DeliveryEnvironmentDraft } from "../schema.ts";
import type { DeliveryPlace } from "./delivery-rules.ts";

type Names = readonly (string | undefined)[] | undefined;

/** Who must agree and who may: whether enough people can, and whether the lists contradict each other. */
export function judgeApprovals(place: DeliveryPlace, report: Report): void {
  const { delivery, path } = place;
  judgeCount(place, report);
  judgeMoment(place, report);
  judgeRepeats(delivery.approvals?.from, [...path, "approvals", "from"], report);
  judgeAccess(delivery.access ?? {}, [...path, "access"], report);
}

function judgeAccess(
  access: NonNullable<DeliveryEnvironmentDraft["access"]>,
  path: Path,
  report: Report,
): void {
  for (const key of ["promote", "approve", "breakGlass"] as const) {
    judgeRepeats(access[key], [...path, key], report);
    if (access[key]?.length === 0) {
      const message =
        "is empty, which means the same as leaving it out: those whom the installation names may";
      report.warning([...path, key], message);
    }
  }
  judgeDomains(access.breakGlass ?? [], [...path, "breakGlass"], report);
}

function judgeDomains(names: NonNullable<Names>, path: Path, report: Report): void {
  for (const [index, name] of names.entries()) {
    if (name?.startsWith("domain:") === true) {
      const message = "lets everybody of the domain pass closed gates: name a group";
      report.warning([...path, index], message);
    }
  }
}

function judgeCount({ delivery, path }: DeliveryPlace, report: Report): void {
  const { required = 1, from } = delivery.approvals ?? {};
  const at = [...path, "approvals"];
  if (from === undefined) {
    return;
  }
  if (required === 0) {
    report.warning(
      [...at, "required"],
      "is 0, so nobody in from is asked: ask for 1 or more, or remove from",
    );
  } else if (from.length === 0) {
    report.error(
      [...at, "from"],
      "is empty, so nobody can approve: name somebody, or leave it out",
    );
  } else {
    judgeEnough(delivery, at, report);
  }
}

function judgeEnough(delivery: DeliveryEnvironmentDraft, at: Path, report: Report): void {
  const { required = 1, from = [], notRequester = true } = delivery.approvals ?? {};
  const people = countPeople(from) ?? Number.POSITIVE_INFINITY;
  if (required > people) {
    report.error(
      [...at, "required"],
      `is ${required}, but from names only ${people}, so a release could never be approved: name more people, or ask for fewer`,
    );
  } else if (required === people && notRequester) {
    report.warning(
      [...at, "from"],
      `names only as many people as must approve, ${people}: a promotion that one of them requests could never be approved, so name one more`,
    );
  }
}

/** How many people can approve; null when there are groups or domains, whose members are not known here. */
function countPeople(names: NonNullable<Names>): number | null {
  const known = names.filter((name) => name !== undefined);
  const countable =
    known.length === names.length && known.every((name) => /^(?:user|serviceAccount):/.test(name));
  return countable ? new Set(known.map((name) => name.toLowerCase())).size : null;
}

/** Approvals where each push would wait, or people who are named to approve and may not. */
function judgeMoment({ delivery, environment, stage, path }: DeliveryPlace, report: Report): void {
  const { approvals } = delivery;
  if (approvals === undefined || approvals.required === 0) {
    return;
  }
  const follows = stage === 0 || environment.deploy?.type === "subscription";
  if (follows && delivery.promotion !== "manual") {
    report.warning(
      [...path, "approvals"],
      "are asked for each push, because releases come here by themselves: set promotion: manual, or ask in a later stage",
    );
  }
  judgeRights(delivery, path, report);
}

/** Where `from` names somebody, `access.approve` lets nobody approve. */
function judgeRights(delivery: DeliveryEnvironmentDraft, path: Path, report: Report): void {
  const from = delivery.approvals?.from ?? [];
  if (from.length === 0) {
    return;
  }
  for (const [index, name] of (delivery.access?.approve ?? []).entries()) {
    if (name !== undefined && !from.includes(name)) {
      report.warning(
        [...path, "access", "approve", index],
        "is not in approvals.from, which alone says who approves: add the name there, or remove it here",
      );
    }
  }
}

function judgeRepeats(names: Names, path: Path, report: Report): void {
  const seen = new Set<string>();
  for (const [index, name] of (names ?? []).entries()) {
    const lower = name?.toLowerCase();
    if (lower !== undefined && seen.has(lower)) {
      report.warning([...path, index], "is named twice: remove one of them");
    }
    seen.add(lower ?? "");
  }
}
