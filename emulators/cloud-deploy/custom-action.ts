import { googleError } from "../kit/google-error.ts";
import type { Runtime } from "../kit/runtime.ts";
import type { Texts } from "./resources.ts";

/*
 * What a custom action's container does, as far as its script says so in plain calls of gcloud. No container
 * runs: each line is read as a shell would read it, variables are filled in, and the calls that change a Cloud
 * Run service or job are made on the runtime. Other lines do nothing here.
 * Source: https://cloud.google.com/deploy/docs/custom-targets and
 * https://cloud.google.com/sdk/gcloud/reference/run
 */

/** The variables of a custom action: deploy parameters under `customTarget/` have a prefix of their own. */
export function actionVariables(parameters: Texts): Texts {
  const given = Object.entries(parameters).filter(([key]) => key.startsWith(PARAMETER_PREFIX));
  return {
    CLOUD_DEPLOY_OUTPUT_GCS_PATH: "gs://cloud-deploy-emulator/output",
    ...Object.fromEntries(
      given.map(([key, value]) => [
        `CLOUD_DEPLOY_customTarget_${key.slice(PARAMETER_PREFIX.length)}`,
        value,
      ]),
    ),
  };
}

const PARAMETER_PREFIX = "customTarget/";

/** Cloud Deploy fails an action that leaves no results behind. */
const RESULTS = "results.json";

/** Asks whether a service or a job may be changed. @throws GoogleError PERMISSION_DENIED when it may not. */
export type MayChange = (name: string) => void;

/** Where a script's calls go, and what is asked before each. */
export type Action = { readonly runtime: Runtime; readonly may: MayChange };

/**
 * Runs the script of a deploy action.
 * @throws GoogleError when a variable is unset, a call is not allowed, the runtime refuses it, or no results are uploaded.
 */
export function runAction(action: Action, script: string, variables: Texts): void {
  const calls = readCalls(script, variables);
  for (const call of calls) {
    runCall(action, call);
  }
  const hasResults = calls.some(
    (call) => call[0] === "gcloud" && call[1] === "storage" && call.join(" ").includes(RESULTS),
  );
  if (!hasResults) {
    throw googleError("FAILED_PRECONDITION", `The custom action uploaded no ${RESULTS}`);
  }
}

function runCall({ runtime, may }: Action, call: readonly string[]): void {
  const [program, api, kind, verb, id = ""] = call;
  if (program !== "gcloud" || api !== "run" || (kind !== "services" && kind !== "jobs")) {
    return;
  }
  const place = `projects/${flagOf(call, "project")}/locations/${flagOf(call, "region")}`;
  const name = `${place}/${kind}/${id}`;
  may(name);
  if (verb === "update") {
    const image = flagOf(call, "image");
    const one = kind === "jobs" ? "job" : "service";
    runtime.changeImage({ kind: one, name, image, createMissing: false });
  } else if (verb === "update-traffic" && call.includes("--to-latest")) {
    runtime.sendToLatest(name);
  }
}

function flagOf(call: readonly string[], name: string): string {
  const found = call.find((word) => word.startsWith(`--${name}=`));
  if (found === undefined) {
    throw googleError("INVALID_ARGUMENT", `${call.slice(0, 4).join(" ")} lacks --${name}`);
  }
  return found.slice(name.length + 3);
}

/** The words of each line, as a shell has them; a backslash at a line's end joins it with the next. */
function readCalls(script: string, variables: Texts): readonly (readonly string[])[] {
  return script
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .map((line) => wordsOf(line, variables))
    .filter((words) => words.length > 0);
}

const WORD = /(?:'[^']*'|"[^"]*"|[^\s'"#])+/g;
const PIECE = /'([^']*)'|"([^"]*)"|([^'"]+)/g;
const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g;

function wordsOf(line: string, variables: Texts): readonly string[] {
  return [...line.replace(/(?:^|\s)#.*$/, "").matchAll(WORD)].map(([word]) =>
    [...word.matchAll(PIECE)]
      .map(([, single, double, bare]) => single ?? expand(double ?? bare ?? "", variables))
      .join(""),
  );
}

function expand(text: string, variables: Texts): string {
  return text.replaceAll(VARIABLE, (_, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? "";
    const value = variables[name];
    if (value === undefined) {
      throw googleError("FAILED_PRECONDITION", `${name}: unbound variable`);
    }
    return value;
  });
}
