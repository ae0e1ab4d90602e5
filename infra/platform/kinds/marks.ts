import type { Owner } from "../engine/driver.ts";
import { isObject, OWNER_LABEL } from "../resource.ts";
import type { Fields } from "../resource.ts";

/** Where a kind of resource says whose it is. */
export type MarkPlace = "labels" | "userLabels" | "description" | "none";

const DESCRIBED = /^Slipway of (?<project>[^:]+(?::[^:]+)?):/;

/** Whose something is, by its labels or, where it takes none, by how its description begins. */
export function ownerOf(place: MarkPlace, installation: string, found: Fields): Owner {
  if (place === "none") {
    return { kind: "unmarked" };
  }
  const marked = markOf(place, found);
  if (marked === null) {
    return { kind: "nobody" };
  }
  return marked === installation ? { kind: "ours" } : { kind: "another", installation: marked };
}

function markOf(place: Exclude<MarkPlace, "none">, found: Fields): string | null {
  if (place === "description") {
    const { description } = found;
    return (
      DESCRIBED.exec(typeof description === "string" ? description : "")?.groups?.["project"] ??
      null
    );
  }
  const labels = found[place];
  const mark = isObject(labels) ? labels[OWNER_LABEL] : null;
  return typeof mark === "string" ? mark : null;
}
