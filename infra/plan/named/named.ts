import type { Obstacle } from "../../platform/engine/plan.ts";
import type { Google } from "../../platform/kinds/google.ts";
import type { Path } from "../../../shared/wire/spec/problem.ts";

/** Something that a specification or a flag names: others make it, and it must be there. */
export type Named = {
  /** Where the file names it; empty where a flag does. */
  readonly path: Path;
  /** Such as `secret X in project P`. */
  readonly what: string;
  /** The project that it must be in. */
  readonly project: string;
  /** What tells it from everything else, so that it is looked at once. */
  readonly key: string;
  /** What whoever may not look is told to do; null where they are told nothing. */
  readonly unseen: string | null;
  /**
   * Whether the projects that the local cloud does not know by name are taken to have it: it stands for what nobody
   * needs there.
   */
  readonly isGivenLocally: boolean;
  /** Whether nobody can use it while the API that shows it is off in its project. */
  readonly isBehindApi: boolean;
  /**
   * Looks whether it is there and can be used: null if so.
   * @throws TransientError or PermanentError when that cannot be told.
   */
  readonly look: (google: Google) => Promise<Obstacle | null>;
};

/** What looking at something showed. */
export type Sight =
  | { readonly kind: "there" }
  | { readonly kind: "missing"; readonly trouble: Obstacle }
  /** Nobody can tell, with the reason. */
  | { readonly kind: "unknown"; readonly reason: string };

/** What whoever lacks a permission in a project is told. */
export function lacking(permission: string, role: string, project: string): string {
  return `you lack ${permission} in project ${project}, which ${role} has`;
}
