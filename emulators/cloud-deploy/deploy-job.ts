import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest, DeployResult, Runtime } from "../kit/runtime.ts";
import { checkAccount, needsOfChange, needsOfDeploy } from "./as-account.ts";
import { runScript } from "./custom-action.ts";
import { isDeployed, type Manifest, resourceName, resourcesIn } from "./manifest.ts";
import { ancestorOf, projectId, segmentOf } from "./names.ts";
import { PERCENT_ALL, percentageIn } from "./phases.ts";
import type { Rendered, Rollout, Target } from "./resources.ts";
import type { World } from "./world.ts";

/**
 * Deploys what was rendered for a rollout's target through the runtime: to Cloud Run, or by the script of a custom target,
 * which deploys no shares.
 * @throws GoogleError when the target's account may not, or the runtime refuses it.
 */
export function runDeployJob(world: World, rollout: Rollout, phaseId: string): DeployResult | null {
  const { targetId, name } = rollout;
  const release = world.releases.find(ancestorOf(name, "releases"));
  const target = release.targetSnapshots.find((one) => one.targetId === targetId);
  const rendered = release.hidden.rendered[targetId];
  const { runtime } = world;
  if (target === undefined || rendered === undefined || runtime === undefined) {
    return null;
  }
  const percentage = percentageIn(phaseId);
  if (target.run !== undefined) {
    return deploy(
      { world, runtime },
      target,
      toRunRequest(world, target, { ...rendered, percentage }),
    );
  }
  const { script, variables } = rendered;
  if (script !== "" && percentage === PERCENT_ALL) {
    const may = (changed: string): void => {
      const needed = needsOfChange(changed);
      checkAccount(world, target, { usage: "DEPLOY", needed, service: "run.googleapis.com" });
    };
    runScript({ runtime, may }, script, variables);
  }
  return null;
}

function deploy(
  { world, runtime }: { readonly world: World; readonly runtime: Runtime },
  target: Target,
  { name, ...request }: NamedRequest,
): DeployResult {
  const { manifest, percentage } = request;
  const isThere = runtime.isThere(name);
  const needed = needsOfDeploy(manifest, name, isThere);
  checkAccount(world, target, { usage: "DEPLOY", needed, service: "run.googleapis.com" });
  if (percentage < PERCENT_ALL && !isThere) {
    const text = `${name} does not exist, so it has no traffic to split`;
    throw googleError("FAILED_PRECONDITION", text);
  }
  return runtime.deploy(request);
}

/** A deployment with the full name of what the manifest describes. */
type NamedRequest = DeployRequest & { readonly name: string; readonly manifest: Manifest };

function toRunRequest(
  { projects }: World,
  { run }: Target,
  { manifest: text, percentage }: Rendered & { readonly percentage: number },
): NamedRequest {
  const manifest = resourcesIn("the rendered manifest", text).find(isDeployed) ?? {};
  const place = run?.location ?? "";
  const project = projectId(projects, segmentOf(place, "projects") ?? "");
  const location = segmentOf(place, "locations") ?? "";
  const segment = manifest["kind"] === "Job" ? "jobs" : "services";
  const name = `projects/${project}/locations/${location}/${segment}/${resourceName(manifest)}`;
  return { name, project, location, manifest, percentage, labels: labelsOf(manifest) };
}

function labelsOf({ metadata }: Readonly<Record<string, unknown>>): Record<string, string> {
  const labels = isRecord(metadata) && isRecord(metadata["labels"]) ? metadata["labels"] : {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}
