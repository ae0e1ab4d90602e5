import type { Release, Stage, Target, Texts } from "./configuration.ts";

/**
 * The deploy parameters of one target of a release. Of a key in several places the release's value wins
 * over the stage's, and the stage's over the target's; the order is unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/parameters
 */
export function parametersOf(release: Release, stage: Stage, target: Target): Texts {
  const fromStage = (stage.deployParameters ?? []).filter(({ matchTargetLabels = {} }) =>
    Object.entries(matchTargetLabels).every(([key, value]) => target.labels?.[key] === value),
  );
  const sources = [
    target.deployParameters,
    ...fromStage.map((parameters) => parameters.values),
    release.deployParameters,
  ];
  return Object.fromEntries(sources.flatMap((source) => Object.entries(source ?? {})));
}
