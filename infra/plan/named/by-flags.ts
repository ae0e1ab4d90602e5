import type { Installation } from "../installation.ts";
import { projectNamed } from "./kinds.ts";
import type { Named } from "./named.ts";
import { accountNamed } from "./things.ts";

/** What the flags of a command name, beside what they take for granted: it must be there before any file is looked at. */
export function namedByFlags({
  project,
  deployAccount,
  scoping,
}: Pick<Installation, "project" | "deployAccount" | "scoping">): readonly Named[] {
  const { everywhere, ofProject } = scoping;
  const scoped = new Set([...(everywhere === null ? [] : [everywhere]), ...ofProject.values()]);
  return [
    projectNamed([], project, "correct --project"),
    accountNamed(deployAccount, project, {
      path: [],
      correct: "name another with --deploy-account; slipway install apply makes slipway-deploy",
    }),
    ...[...scoped].map((id) => projectNamed([], id, "correct --scoping-project")),
  ];
}
