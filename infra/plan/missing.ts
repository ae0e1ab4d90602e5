import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import { callOutside, nullWhenMissing } from "../../shared/adapters/outside-call.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import type { BackupLists } from "../../shared/ports/backups.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import { inOrder, problemAt } from "../../shared/wire/spec/position.ts";
import type { Found } from "../../shared/wire/spec/position.ts";
import { openCloud } from "../resources/cloud.ts";
import type { Cloud } from "../resources/cloud.ts";
import type { Installation } from "./installation.ts";

/** A specification that can be used, as it is written and as it was read. */
export type UsableSpec = {
  readonly text: string;
  readonly service: Service;
  readonly problems: readonly Problem[];
};

/** Where things are looked for. */
type Looks = Pick<Installation, "backups" | "endpoints" | "project">;

/**
 * The problems of a specification and, as warnings, what its promotions need and is not there: they would
 * fail for it, and better now than at night. It may be made later, so it is no error.
 */
export async function withMissing(
  { backups, endpoints, project }: Looks,
  { text, service, problems }: UsableSpec,
): Promise<readonly Problem[]> {
  const cloud = openCloud(endpoints, project);
  try {
    const missing = await Promise.all(
      service.environments.map(async (environment) => [
        ...(await missingIn(backups, environment)),
        ...(await missingJobs(cloud, environment)),
      ]),
    );
    const warnings = missing.flat().map((found) => problemAt(text, found, "warning"));
    return inOrder([...problems, ...warnings]);
  } finally {
    await cloud.close();
  }
}

/** Jobs of migrations that are not there. */
async function missingJobs(
  cloud: Cloud,
  { id, project, region, policy }: Environment,
): Promise<readonly Found[]> {
  const named = Object.entries(policy.migrations).flatMap(([when, migration]) =>
    migration === null ? [] : [{ when, job: migration.job }],
  );
  const looks = named.map(async ({ when, job }): Promise<readonly Found[]> => {
    const name = `projects/${project}/locations/${region}/jobs/${job}`;
    const seen = await lookAt(async () => {
      const found = await nullWhenMissing(() =>
        callOutside(name, async () => (await cloud.run()).jobs.getJob({ name }, ONE_CALL)),
      );
      return found === null ? [] : [found];
    });
    const what = `project ${project} has a Cloud Run job ${job} in ${region}`;
    const message =
      typeof seen === "string"
        ? `it is not known whether ${what}: ${seen}`
        : `project ${project} has no Cloud Run job ${job} in ${region}, so each promotion into ${id} will fail at its migration: make the job, or correct its id`;
    const path = ["delivery", "environments", id, "migrations", when, "job"];
    return typeof seen === "string" || seen.length === 0 ? [{ path, message }] : [];
  });
  return (await Promise.all(looks)).flat();
}

async function missingIn(
  backups: BackupLists,
  { id, project, policy }: Environment,
): Promise<readonly Found[]> {
  const { backup } = policy;
  const path = ["delivery", "environments", id, "backup"];
  const consequence = `each promotion into ${id} will fail at its backup`;
  const found: Found[] = [];
  if (backup?.cloudSql === true) {
    const instances = await lookAt(async () => backups.databases(project));
    const message =
      typeof instances === "string"
        ? `it is not known whether project ${project} has a Cloud SQL instance: ${instances}`
        : `project ${project} has no Cloud SQL instance, so ${consequence}: make one, or set this to none`;
    if (typeof instances === "string" || instances.length === 0) {
      found.push({ path: [...path, "cloudSQL"], message });
    }
  }
  if (backup !== null && backup.gkePlan !== null) {
    const plan = backup.gkePlan;
    const listed = await lookAt(async () => backups.list({ kind: "gke", plan }, 1));
    if (typeof listed === "string") {
      const message = `the backup plan cannot be used, so ${consequence}: mend what it says, or name another plan (${listed})`;
      found.push({ path: [...path, "gke"], message });
    }
  }
  return found;
}

/** What a look shows, or why it shows nothing. */
async function lookAt<Value>(
  look: () => Promise<readonly Value[]>,
): Promise<readonly Value[] | string> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return `${error.status}: ${error.message}`;
    }
    throw error;
  }
}
