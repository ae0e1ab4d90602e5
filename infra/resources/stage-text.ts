import type { protos } from "@google-cloud/deploy";

type Stage = protos.google.cloud.deploy.v1.IStage;

/** The names under which the client says which member of a union is set; they are no fields of the API. */
const UNION_NAMES: ReadonlySet<string> = new Set(["deploymentStrategy", "mode", "runtimeConfig"]);

/**
 * The stages of a pipeline as one text, the same for stages that mean the same: what is empty, false or absent
 * is left out, and fields are in the order of their names.
 */
export function describeStages(stages: readonly Stage[]): string {
  return stages.map(describe).join(" > ");
}

/** The targets of stages, in order. */
export function targetIds(stages: readonly Stage[]): readonly string[] {
  return stages.map(({ targetId }) => targetId ?? "");
}

function describe({ targetId, profiles, strategy, deployParameters }: Stage): string {
  const rest = prune({ profiles, strategy, deployParameters });
  return rest === undefined ? (targetId ?? "") : `${targetId ?? ""} ${JSON.stringify(rest)}`;
}

function prune(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((item) => prune(item));
  }
  if (typeof value !== "object" || value === null) {
    return value === false || value === "" || value === null ? undefined : value;
  }
  const fields = Object.entries(value)
    .filter(([key, field]) => !(UNION_NAMES.has(key) && typeof field === "string"))
    .map(([key, field]): readonly [string, unknown] => [key, prune(field)])
    .filter(([, field]) => field !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
