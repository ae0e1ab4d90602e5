import { entryOf } from "../../../domain/entry-of.ts";
import type { Report } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";
import { environmentsOf, stagesOf } from "./draft-environments.ts";

/**
 * Where a file that upstream's tooling made would go another way than there: what comes by itself into an external
 * environment waits for an approval here, and upstream deploys it at once.
 */
export function judgeEntries(draft: SpecDraft, report: Report): void {
  const [first] = stagesOf(draft);
  for (const { environment, path } of environmentsOf(draft)) {
    const { id = "", category } = environment;
    const pushes = pushesOf(environment, first);
    if (pushes !== null && category === "external" && !saysApprovals(draft, id)) {
      const what = draft.delivery?.tags === undefined ? pushes : "each release";
      report.warning(
        [...path, "category"],
        `is external, so ${what} waits here for an approval, where upstream deploys it at once: set delivery.environments.${id}.approvals (required: 0 asks for none)`,
      );
    }
  }
}

/** The pushes that come into the environment by themselves; null when none do. */
function pushesOf({ id, deploy }: EnvironmentDraft, first: string | undefined): string | null {
  if (deploy?.type === "subscription") {
    return "each push of its tag";
  }
  return id === first ? "each push of any tag" : null;
}

function saysApprovals(draft: SpecDraft, id: string): boolean {
  return "approvals" in (entryOf(draft.delivery?.environments ?? {}, id) ?? {});
}
