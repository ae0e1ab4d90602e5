import { claimText } from "../../domain/claims.ts";
import type { Claim } from "../../domain/claims.ts";
import type { Service } from "../../domain/service.ts";
import { parseServiceSpec } from "./parse-service-spec.ts";
import { inOrder, problemAt } from "./position.ts";
import type { Path, Problem } from "./problem.ts";

/** What a specification claims that another service has, where it stands in the file. */
export function claimProblems(
  text: string,
  { id }: Service,
  {
    claims,
    severity,
  }: { readonly claims: readonly Claim[]; readonly severity: Problem["severity"] },
): readonly Problem[] {
  if (claims.length === 0) {
    return [];
  }
  const { spec } = parseServiceSpec(text);
  const places = (spec?.environments ?? []).map((environment) => environment.id);
  const pathOf = ({ environment }: Claim): Path =>
    environment === null
      ? ["build", "image"]
      : ["environments", places.indexOf(environment), "projectID"];
  return inOrder(
    claims.map((claim) =>
      problemAt(text, { path: pathOf(claim), message: claimText(claim, id) }, severity),
    ),
  );
}
