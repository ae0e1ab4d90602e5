import { byteLength } from "../environment-section.ts";
import { show } from "../explain-issue.ts";
import type { Report } from "../problem.ts";
import type { SpecDraft } from "../schema.ts";
import { environmentsOf } from "./draft-environments.ts";
import type { PlacedEnvironment } from "./draft-environments.ts";

/** Google Cloud's limit of a project's display name. */
const DISPLAY_NAME_BYTES_MAX = 30;
const SUFFIX_LENGTH_MIN = 2;
/** Cloud Run's limit of a service's name (https://cloud.google.com/run/docs/deploying). */
const RUN_SERVICE_LENGTH_MAX = 49;
const REGION_DEFAULT = "us-central1";

/** Ids and names that must differ from each other, or contain each other. */
export function judgeNames(draft: SpecDraft, report: Report): void {
  const environments = environmentsOf(draft);
  judgeRepeats(environments, report);
  for (const placed of environments) {
    judgeDisplayName(draft, placed, report);
    judgeProject(draft, placed, report);
    judgeRunService(draft, placed, report);
  }
}

function judgeRepeats(environments: readonly PlacedEnvironment[], report: Report): void {
  const ids = new Set<string>();
  const projects = new Map<string, string>();
  for (const { environment, path } of environments) {
    const { id, projectID } = environment;
    if (id !== undefined && ids.has(id)) {
      report.error(
        [...path, "id"],
        `is used twice: give the environment an id of its own, because ${show(id)} would mean either`,
      );
    }
    if (projectID !== undefined && projects.has(projectID)) {
      report.warning(
        [...path, "projectID"],
        `is the project of ${projects.get(projectID)} too: an environment should have its own`,
      );
    }
    ids.add(id ?? "");
    projects.set(projectID ?? "", id ?? "another environment");
  }
}

function judgeDisplayName(
  draft: SpecDraft,
  { environment, path }: PlacedEnvironment,
  report: Report,
): void {
  const name = draft.service?.name ?? draft.service?.id;
  if (name === undefined || environment.id === undefined) {
    return;
  }
  const displayName = `${name} - ${environment.id}`;
  const length = byteLength(displayName);
  if (length > DISPLAY_NAME_BYTES_MAX) {
    report.error(
      [...path, "id"],
      `makes the project's name ${show(displayName)} ${length} characters long, of at most ${DISPLAY_NAME_BYTES_MAX}: choose a shorter service name or environment id`,
    );
  }
}

function judgeProject(
  draft: SpecDraft,
  { environment, path }: PlacedEnvironment,
  report: Report,
): void {
  const { id, projectID } = environment;
  const service = draft.service?.id;
  if (projectID === undefined || id === undefined) {
    return;
  }
  const at = [...path, "projectID"];
  const example = `${service ?? "service"}-${id}-1a2b`;
  if (service !== undefined && !projectID.startsWith(`${service}-`)) {
    report.error(at, `must start with the service's id and a hyphen, as in ${example}`);
  }
  if (!projectID.includes(`-${id}-`)) {
    report.error(at, `must contain the environment's id between hyphens, as in ${example}`);
  } else if (projectID.length - projectID.lastIndexOf("-") <= SUFFIX_LENGTH_MIN) {
    report.warning(at, `should end with a suffix of at least ${SUFFIX_LENGTH_MIN} characters`);
  }
}

function judgeRunService(
  draft: SpecDraft,
  { environment, path }: PlacedEnvironment,
  report: Report,
): void {
  const region = environment.locations?.gcpRegion ?? REGION_DEFAULT;
  const name = `${draft.service?.id ?? ""}-${environment.id ?? ""}-${region}`;
  if (name.length > RUN_SERVICE_LENGTH_MAX) {
    report.warning(
      [...path, "id"],
      `makes the Cloud Run service ${name} ${name.length} characters long, and it may have ${RUN_SERVICE_LENGTH_MAX}: choose a shorter service or environment id`,
    );
  }
}
