import type { Path, Report } from "../problem.ts";
import type { DeliveryPlace } from "./delivery-rules.ts";

/** A signature that nobody is named for proves nothing: it would be anybody's. */
export function judgeProvenance({ delivery, path }: DeliveryPlace, report: Report): void {
  const { required, ...named } = delivery.provenance ?? {};
  const at = [...path, "provenance"];
  const { keys = [], identities = [] } = named;
  if (required !== true) {
    warnOfNoEffect(named, at, report);
  } else if (keys.length === 0 && identities.length === 0) {
    report.error(
      [...at, "required"],
      "is true, but nobody is trusted to sign, so no release could pass: name keys or identities",
    );
  }
  for (const [index, identity] of identities.entries()) {
    const written = identity ?? {};
    if ("subject" in written === "subjectPattern" in written) {
      const message = "needs either a subject or a subjectPattern";
      report.error([...at, "identities", index], message);
    }
  }
}

function warnOfNoEffect(named: object, at: Path, report: Report): void {
  for (const [key, value] of Object.entries(named)) {
    if (value !== undefined) {
      report.warning(
        [...at, key],
        "has no effect unless required is true: set that, or remove this",
      );
    }
  }
}
