import type { Path } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";

/** An environment of a draft and where it stands. */
export type PlacedEnvironment = { readonly environment: EnvironmentDraft; readonly path: Path };

/** The environments of a draft, without those that are no mappings. */
export function environmentsOf(draft: SpecDraft): readonly PlacedEnvironment[] {
  return (draft.environments ?? []).flatMap((environment, index) =>
    environment === undefined ? [] : [{ environment, path: ["environments", index] }],
  );
}

/** The ids of the rollout's stages, in order, without those that are missing. */
export function stagesOf(draft: SpecDraft): readonly string[] {
  return (draft.rollout?.stages ?? []).flatMap((stage) => stage?.environment ?? []);
}

/** Whether the environment's category makes it production. */
export function isProduction(environment: EnvironmentDraft): boolean {
  return environment.category === "internal" || environment.category === "external";
}

/** Whether a key was written, but its value broke its own rule. */
export function isInvalid(holder: object | undefined, key: string): boolean {
  return Object.entries(holder ?? {}).some(([name, value]) => name === key && value === undefined);
}

/** Whether every environment has an id that can be compared with. */
export function areIdsKnown(draft: SpecDraft): boolean {
  if (isInvalid(draft, "environments")) {
    return false;
  }
  return (draft.environments ?? []).every((environment) => environment?.id !== undefined);
}
