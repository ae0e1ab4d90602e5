import { idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import type { Runtime } from "../kit/runtime.ts";
import { segmentOf } from "./names.ts";
import type { CustomTargetType, Release, Stage, Target, Texts } from "./resources.ts";

/*
 * What a custom target's deploy action does, as far as its script says so in plain calls of gcloud. No container runs:
 * variables are filled in, and lines that change a Cloud Run service or job are calls of the runtime. Others do nothing.
 * Source: https://cloud.google.com/deploy/docs/custom-targets and
 * https://cloud.google.com/sdk/gcloud/reference/run
 */

/** Cloud Deploy fails an action that leaves no results behind. */
const UPLOAD = 'gcloud storage cp results.json "$CLOUD_DEPLOY_OUTPUT_GCS_PATH/results.json"';

/**
 * The variables of a target's action: where it is, and the deploy parameters under `customTarget/`. Of a parameter in
 * several places the release's value wins over the stage's, and the stage's over the target's; the order is unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/parameters
 */
export function variablesOf(
  release: Release,
  { deployParameters = [] }: Stage,
  target: Target,
): Texts {
  const stages = deployParameters.map(({ values }) => values);
  const variables = new Map([
    ["CLOUD_DEPLOY_OUTPUT_GCS_PATH", "gs://cloud-deploy-emulator/output"],
    ["CLOUD_DEPLOY_LOCATION", segmentOf(release.name, "locations") ?? ""],
    ["CLOUD_DEPLOY_TARGET", target.targetId],
  ]);
  for (const source of [target.deployParameters, ...stages, release.deployParameters]) {
    for (const [key, value] of Object.entries(source ?? {})) {
      variables.set(key.replace(/^customTarget\//, "CLOUD_DEPLOY_customTarget_"), value);
    }
  }
  return Object.fromEntries(variables);
}

/**
 * The scripts of actions whose containers are not ours to read, by the custom target type. This is the one of
 * Sourcegraph's Managed Services Platform.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform, deliverypipeline)
 */
const SCRIPTS: Readonly<Record<string, string>> = {
  "cloud-run-service": `gcloud run deploy $CLOUD_DEPLOY_customTarget_serviceID-$CLOUD_DEPLOY_TARGET --project=$CLOUD_DEPLOY_customTarget_projectID --region=$CLOUD_DEPLOY_LOCATION --image=$CLOUD_DEPLOY_customTarget_image:$CLOUD_DEPLOY_customTarget_tag
${UPLOAD}`,
};

/** The script that stands for an action of a custom target type; undefined where its own is read. */
export function knownScript({ name }: CustomTargetType): string | undefined {
  return SCRIPTS[idOf(name)];
}

/**
 * Runs a script; `may` asks whether a service or a job may be changed.
 * @throws GoogleError when a variable is unset, a call is not allowed, the runtime refuses it, or no results are uploaded.
 */
export function runScript(
  { runtime, may }: { readonly runtime: Runtime; readonly may: (name: string) => void },
  script: string,
  variables: Texts,
): void {
  const lines = script.split("\n").filter((line) => line.startsWith("gcloud "));
  const calls = lines.map((line) => expand(line.replaceAll('"', ""), variables).split(/\s+/));
  for (const call of calls) {
    runCall(runtime, call, may);
  }
  if (!lines.some((line) => /^gcloud storage cp .*results\.json/.test(line))) {
    throw googleError("FAILED_PRECONDITION", "The custom action uploaded no results.json");
  }
}

function runCall(runtime: Runtime, call: readonly string[], may: (name: string) => void): void {
  // `gcloud run deploy NAME` is about a service, and makes one that is not there.
  const words = call[2] === "deploy" ? call.toSpliced(2, 0, "services") : call;
  const [, api, segment, verb, id = ""] = words;
  if (api !== "run" || (segment !== "services" && segment !== "jobs")) {
    return;
  }
  const place = `projects/${flagOf(call, "project")}/locations/${flagOf(call, "region")}`;
  const name = `${place}/${segment}/${id}`;
  may(name);
  if (verb === "update-traffic") {
    runtime.sendToLatest(name);
    return;
  }
  const kind = segment === "jobs" ? "job" : "service";
  const image = flagOf(call, "image");
  runtime.changeImage({ kind, name, image, createMissing: verb === "deploy" });
}

function flagOf(call: readonly string[], name: string): string {
  const found = call.find((word) => word.startsWith(`--${name}=`));
  if (found === undefined) {
    throw googleError("INVALID_ARGUMENT", `${call.slice(0, 4).join(" ")} lacks --${name}`);
  }
  return found.slice(name.length + 3);
}

function expand(text: string, variables: Texts): string {
  return text.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) {
      throw googleError("FAILED_PRECONDITION", `${name}: unbound variable`);
    }
    return value;
  });
}
