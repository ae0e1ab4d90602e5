import type { Path, Report } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";
import { environmentsOf } from "./draft-environments.ts";

/** Cloud Run's limit (https://cloud.google.com/run/quotas). */
const VARIABLES_MAX = 1000;

/** What Kubernetes, and Cloud Run with it, takes for a variable's name. */
const NAME = /^(?!\.\.?$|\.\.)[A-Za-z_.-][A-Za-z0-9_.-]*$/;

/** The names that Cloud Run sets itself. https://cloud.google.com/run/docs/container-contract#env-vars */
const RESERVED: ReadonlySet<string> = new Set([
  "CLOUD_RUN_EXECUTION",
  "CLOUD_RUN_JOB",
  "CLOUD_RUN_TASK_ATTEMPT",
  "CLOUD_RUN_TASK_COUNT",
  "CLOUD_RUN_TASK_INDEX",
  "CLOUD_RUN_TIMEOUT_SECONDS",
  "K_CONFIGURATION",
  "K_REVISION",
  "K_SERVICE",
  "PORT",
]);
const RESERVED_PREFIX = "X_GOOGLE_";

/** The names of environment variables, and how many there are. */
export function judgeVariables(draft: SpecDraft, report: Report): void {
  for (const { environment, path } of environmentsOf(draft)) {
    for (const key of ["env", "secretEnv"] as const) {
      Object.keys(environment[key] ?? {}).forEach((name) => {
        judgeName(name, [...path, key, name], report);
      });
    }
    judgeRepeats(environment, path, report);
    judgeCount(environment, path, report);
  }
}

function judgeName(name: string, at: Path, report: Report): void {
  if (!NAME.test(name)) {
    report.error(
      at,
      "is no name of a variable: letters, digits, _, - and dots, and no digit first",
      "key",
    );
  } else if (RESERVED.has(name) || name.startsWith(RESERVED_PREFIX)) {
    report.error(at, "is set by Cloud Run itself, which takes no other value: remove it", "key");
  } else if (name === "__proto__") {
    report.error(at, "is a name that Slipway cannot keep: choose another", "key");
  }
}

function judgeRepeats({ env, secretEnv }: EnvironmentDraft, path: Path, report: Report): void {
  for (const name of Object.keys(env ?? {})) {
    if (Object.hasOwn(secretEnv ?? {}, name)) {
      report.warning(
        [...path, "env", name],
        "is in secretEnv too, and Cloud Run takes a variable only once: remove one of them",
      );
    }
  }
}

function judgeCount({ env, secretEnv }: EnvironmentDraft, path: Path, report: Report): void {
  const count = Object.keys(env ?? {}).length + Object.keys(secretEnv ?? {}).length;
  if (count > VARIABLES_MAX) {
    const message = `has ${count} variables together with secretEnv, and may have ${VARIABLES_MAX}: remove some`;
    report.error([...path, "env"], message);
  }
}
