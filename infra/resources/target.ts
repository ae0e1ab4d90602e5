import type { protos } from "@google-cloud/deploy";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import { readImageRepository } from "../../shared/wire/image-repository.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { IMAGE_TARGET_TYPE, imageTargetParameters } from "../render/image-change.ts";
import type { Cloud } from "./cloud.ts";
import { imageTargetType } from "./custom-target-type.ts";
import { carryOut, lookUp, OPERATION } from "./deploy-operation.ts";
import { accountsIn, EXECUTION_FIELD, planExecution } from "./execution.ts";
import type { Execution } from "./execution.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import { describedChanges, ownershipOf, refuseForeign, withMarks } from "./ownership.ts";
import { creation, unchanged } from "./step.ts";
import type { FieldChange } from "../../shared/domain/apply-plan.ts";
import type { PlannedStep } from "./step.ts";

/** A target of Cloud Deploy as its API shows it. */
export type Target = protos.google.cloud.deploy.v1.ITarget;

/** The custom target type of the Managed Services Platform. */
const PLATFORM_TYPE = "cloud-run-service";

/** The longest description that Cloud Deploy takes, in characters. */
const DESCRIPTION_LENGTH_MAX = 255;

/** A target's full name. */
export function targetName({ pipeline, target }: Environment): string {
  return `projects/${pipeline.project}/locations/${pipeline.location}/targets/${target}`;
}

/** The environment's target as it is now; null when there is none. @throws TransientError or PermanentError */
export async function readTarget(cloud: Cloud, environment: Environment): Promise<Target | null> {
  const name = targetName(environment);
  return lookUp(name, async () => {
    const [target] = await (await cloud.deploy()).getTarget({ name }, ONE_CALL);
    return target;
  });
}

/** Whether the Managed Services Platform's custom target type deploys to it. */
export function isPlatformTarget(target: Target | null): boolean {
  return customTypeOf(target)?.split("/").at(-1) === PLATFORM_TYPE;
}

/** Whether something else than Cloud Run's own target type, or ours, deploys to it: then it is not ours to change. */
export function isForeignKind(target: Target | null): boolean {
  return target !== null && (target.run?.location ?? "") === "" && !isImageTarget(target);
}

/** Whether releases change the image alone there, by our own custom target type. */
function isImageTarget(target: Target): boolean {
  return customTypeOf(target)?.split("/").at(-1) === IMAGE_TARGET_TYPE;
}

/**
 * The step that makes an environment's target a Cloud Run target of its project and region; or, where a release
 * changes the image alone, one of our custom target type. One that deploys in another way is left alone. Approvals
 * are given to Slipway, so the target asks for none; one that does is not changed. `execution` says as whom Cloud
 * Deploy deploys to it.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets
 * @throws PermanentError when another service's specification manages the target.
 */
export function planTarget(
  cloud: Cloud,
  service: Service,
  {
    environment,
    there,
    execution,
  }: {
    readonly environment: Environment;
    readonly there: Target | null;
    readonly execution: Execution;
  },
): PlannedStep {
  const name = targetName(environment);
  const planned = planExecution(there, execution);
  const { configs, annotations, notes } = planned;
  const executionConfigs = configs === null ? {} : { executionConfigs: [...configs] };
  const wanted = { ...toTarget(service, environment), annotations };
  if (there === null) {
    const made = creation("target", name, () =>
      create(cloud, name, { ...wanted, ...executionConfigs }),
    );
    const deployer = `Cloud Deploy deploys to it as ${execution.account}`;
    return { ...made, notes: [deployer, ...readersNeeded(service, environment, execution)] };
  }
  refuseForeign(name, there, service);
  if (isForeignKind(there)) {
    return unchanged("target", name, [describeForeign(there, service, environment)]);
  }
  const changes = [
    ...describedChanges(there, wanted),
    ...placeChanges(there, wanted),
    ...planned.changes,
  ];
  if (changes.length === 0) {
    return unchanged("target", name, notes);
  }
  const { run, customTarget, deployParameters } = wanted;
  const paths = changes.map(({ field }) => MASKS[field] ?? field);
  const next = {
    name,
    etag: there.etag ?? "",
    ...(run !== undefined && { run }),
    ...(customTarget !== undefined && { customTarget }),
    deployParameters: { ...deployParameters },
    ...executionConfigs,
    ...withMarks(there, wanted),
  };
  const perform = (): Promise<void> => update(cloud, next, paths);
  return { kind: "target", name, action: "update", changes, notes, perform };
}

/**
 * Who must be let into the registry where it is another project's: whoever deploys reads the image's manifest, and
 * Cloud Run pulls it.
 * Source: https://cloud.google.com/run/docs/deploying#other-projects
 */
function readersNeeded(
  { image }: Service,
  { project }: Environment,
  { account }: Execution,
): readonly string[] {
  const repository = readImageRepository(image);
  return repository === null || repository.project === project
    ? []
    : [
        `its image is in project ${repository.project}, so two accounts need roles/artifactregistry.reader on the repository ${repository.repository} in ${repository.location}: ${account}, and the Cloud Run service agent of ${project} (service-PROJECT_NUMBER@serverless-robot-prod.iam.gserviceaccount.com)`,
      ];
}

const LOCATION = "run.location";
const CUSTOM_TYPE = "customTarget";
const PARAMETERS = "deployParameters";
const MASKS: Readonly<Record<string, string>> = {
  [LOCATION]: "run",
  [CUSTOM_TYPE]: "custom_target",
  [PARAMETERS]: "deploy_parameters",
  [EXECUTION_FIELD]: "execution_configs",
};

type Wanted = Required<Pick<Target, "description" | "labels">> & {
  readonly run?: { readonly location: string };
  readonly customTarget?: { readonly customTargetType: string };
  readonly deployParameters?: Readonly<Record<string, string>>;
};

function toTarget(service: Service, environment: Environment): Wanted {
  const { labels } = ownershipOf(service);
  const { id, project, region, pipeline } = environment;
  const description = `${service.name} in ${id}`.slice(0, DESCRIPTION_LENGTH_MAX);
  return {
    description,
    labels,
    ...(service.manages === "image"
      ? {
          customTarget: { customTargetType: imageTargetType(pipeline) },
          deployParameters: imageTargetParameters(environment),
        }
      : { run: { location: `projects/${project}/locations/${region}` } }),
  };
}

/** Where it deploys to, and by what. Parameters of others stay out of it: a target of Cloud Run has none of ours. */
function placeChanges(there: Target, wanted: Wanted): readonly FieldChange[] {
  const own = Object.keys(wanted.deployParameters ?? {});
  const now = there.deployParameters ?? {};
  return [
    ...changeOf(LOCATION, there.run?.location ?? "", wanted.run?.location ?? ""),
    ...changeOf(
      CUSTOM_TYPE,
      idOf(customTypeOf(there)),
      idOf(wanted.customTarget?.customTargetType ?? null),
    ),
    ...changeOf(
      PARAMETERS,
      own.map((key) => `${key}=${now[key] ?? ""}`).join(", "),
      own.map((key) => `${key}=${wanted.deployParameters?.[key] ?? ""}`).join(", "),
    ),
  ];
}

/** Names carry a project's number as well as its id, so only the last part is compared. */
function idOf(name: string | null): string {
  return name?.split("/").at(-1) ?? "";
}

async function create(cloud: Cloud, name: string, target: Target): Promise<void> {
  const [parent = "", targetId = ""] = name.split("/targets/");
  await carryOut(name, async (requestId) => {
    const request = { parent, targetId, target, requestId };
    const [operation] = await (await cloud.deploy()).createTarget(request, OPERATION);
    return operation;
  });
}

async function update(
  cloud: Cloud,
  target: Target & { readonly name: string },
  paths: readonly string[],
): Promise<void> {
  await carryOut(target.name, async (requestId) => {
    const request = { target, updateMask: { paths: [...paths] }, requestId };
    const [operation] = await (await cloud.deploy()).updateTarget(request, OPERATION);
    return operation;
  });
}

function customTypeOf(target: Target | null): string | null {
  return target?.customTarget?.customTargetType ?? null;
}

function describeForeign(there: Target, service: Service, environment: Environment): string {
  const type = customTypeOf(there);
  if (type === null) {
    return "it does not deploy to Cloud Run, so Slipway leaves it alone";
  }
  const accounts = accountsIn(there.executionConfigs ?? []);
  const who = accounts.length === 0 ? "" : ` as ${accounts.join(" and ")}`;
  const leftAlone = `it deploys by the custom target type ${type}${who}, and Slipway leaves it alone`;
  const expected: Readonly<Record<string, string>> = {
    "customTarget/serviceID": service.id,
    "customTarget/image": service.image,
    "customTarget/projectID": environment.project,
  };
  const differing = Object.entries(expected)
    .filter(([key, value]) => isPlatformTarget(there) && there.deployParameters?.[key] !== value)
    .map(([key, value]) => `${key} should be ${value}`);
  return [leftAlone, ...differing].join("; ");
}
