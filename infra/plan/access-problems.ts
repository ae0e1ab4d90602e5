import type { Path, Problem } from "../../shared/wire/spec/problem.ts";
import { formatPath } from "../../shared/wire/spec/problem.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { inOrder, positionOf } from "../../shared/wire/spec/position.ts";

/**
 * The problems of a specification and, as warnings, the external environments for which nobody is named to promote.
 * This is no rule of the file alone: the installation may know the service's owners.
 */
export function withAccessProblems(
  text: string,
  { environments, delivery }: ServiceSpec,
  problems: readonly Problem[],
): readonly Problem[] {
  const named = new Map(Object.entries(delivery.environments));
  const warnings = environments.flatMap(({ id, category }, index): readonly Problem[] => {
    const promoters = named.get(id)?.access.promote ?? [];
    return category === "external" && promoters.length === 0
      ? [warningAt(text, ["environments", index, "category"], id)]
      : [];
  });
  return inOrder([...problems, ...warnings]);
}

function warningAt(text: string, path: Path, environment: string): Problem {
  const message = `is external, but delivery.environments.${environment}.access.promote names nobody. So every deployer of the installation may promote into it, unless the installation knows the service's owners: name somebody`;
  return { severity: "warning", path: formatPath(path), ...positionOf(text, path), message };
}
