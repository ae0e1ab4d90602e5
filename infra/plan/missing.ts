import type { Problem } from "../../shared/wire/spec/problem.ts";
import { inOrder, problemAt } from "../../shared/wire/spec/position.ts";
import type { Looks } from "./named/looks.ts";
import type { Named, Sight } from "./named/named.ts";

/**
 * Looks for all that is named, and says of each where the file names it: it is not there, with what to do, or nobody
 * can tell. The first is an error unless it may come later, the second a warning. Of a project that is not there no
 * more is said. Changes nothing.
 */
export async function missingProblems(
  { at, allowsMissing }: Looks,
  text: string,
  named: readonly Named[],
): Promise<readonly Problem[]> {
  const sights = await at(named);
  const gone = new Set(
    sights.flatMap(([{ key, project }, { kind }]) =>
      kind === "missing" && key === `project ${project}` ? [project] : [],
    ),
  );
  const told = sights.filter(
    ([{ key, project }]) => key === `project ${project}` || !gone.has(project),
  );
  return inOrder(told.flatMap((one) => problemOf(text, one, allowsMissing)));
}

function problemOf(
  text: string,
  [{ path, what }, sight]: readonly [Named, Sight],
  allowsMissing: boolean,
): readonly Problem[] {
  switch (sight.kind) {
    case "there":
      return [];
    case "missing": {
      const { what: trouble, mend } = sight.trouble;
      const severity = allowsMissing ? "warning" : "error";
      return [problemAt(text, { path, message: `${trouble}: ${mend}` }, severity)];
    }
    case "unknown": {
      const message = `it is not known whether there is ${what}: ${sight.reason}`;
      return [problemAt(text, { path, message }, "warning")];
    }
  }
}
