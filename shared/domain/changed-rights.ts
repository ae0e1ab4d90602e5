import type { Environment, Service } from "./service.ts";
import { findEnvironment } from "./state.ts";

/**
 * The keys by which a specification changes who may do what, what protects environments, or where the service is; each
 * once. In an environment for tests only the category, the place and the lists of people count.
 */
export function changedRights(before: Service, after: Service): readonly string[] {
  const whole = [
    ...changed("owners", before.owners, after.owners),
    ...changed("rollout.serviceAccount", before.releaser, after.releaser),
    ...changed("image", before.image, after.image),
    ...changed("sharesWith", before.sharesWith, after.sharesWith),
  ];
  const gone = before.environments
    .filter(({ id }) => findEnvironment(after, id) === null)
    .map(({ id }) => `${id} is gone`);
  const kept = after.environments.flatMap((environment) => {
    const known = findEnvironment(before, environment.id);
    return known === null ? [`${environment.id} is new`] : changedIn(known, environment);
  });
  return [...whole, ...gone, ...kept];
}

function changedIn(before: Environment, after: Environment): readonly string[] {
  const isForTests = before.category === "test" && after.category === "test";
  const [own, next] = [before.policy, after.policy];
  const named = [
    ...changed("category", before.category, after.category),
    ...changed("place", placeOf(before), placeOf(after)),
    ...changed("access", own.access, next.access),
    ...(isForTests
      ? []
      : [
          ...changed("promotion", own.promotion, next.promotion),
          ...changed("approvals", own.approvals, next.approvals),
          ...changed("soak", own.soak, next.soak),
          ...changed("windows", own.windows, next.windows),
          ...changed("alerts", own.alerts, next.alerts),
          ...changed("backup", own.backup, next.backup),
          ...changed("provenance", own.provenance, next.provenance),
        ]),
  ];
  return named.map((key) => `${after.id}: ${key}`);
}

function placeOf({ project, region, pipeline, target, runService }: Environment): object {
  return { project, region, pipeline, target, runService };
}

/** The key, if its values differ. Both values come from one schema, so their fields have the same order. */
function changed(key: string, before: unknown, after: unknown): readonly string[] {
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [key];
}
