import { refuseLarge } from "../../shared/domain/budget.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { packArchive } from "../render/archive.ts";
import { renderRelease } from "../render/render-release.ts";
import type { Cloud } from "../resources/cloud.ts";
import { planAlerts } from "../resources/alert-policy.ts";
import { imageTargetType, planImageTargetType } from "../resources/custom-target-type.ts";
import { pipelinesOf, planPipeline } from "../resources/delivery-pipeline.ts";
import { planInvokers } from "../resources/invoker.ts";
import { planSchedule } from "../resources/schedule.ts";
import { planRecord } from "../resources/service-record.ts";
import { planArchive, readArchiveHash } from "../resources/source-archive.ts";
import { planBucket } from "../resources/source-bucket.ts";
import { unchanged } from "../resources/step.ts";
import type { PlannedStep } from "../resources/step.ts";
import { isForeignKind, isPlatformTarget, planTarget, readTarget } from "../resources/target.ts";
import type { Target } from "../resources/target.ts";
import { withAccessProblems } from "./access-problems.ts";
import type { Installation } from "./installation.ts";
import { fencedProblems } from "./fenced-probes.ts";
import { inOrder } from "../../shared/wire/spec/position.ts";
import { absenceProblems, takeoverProblems } from "./takeover.ts";
import { placesOf } from "../render/place.ts";
import { leftToTerraform } from "./left-to-terraform.ts";
import { missingProblems } from "./missing.ts";
import { namedByFlags } from "./named/by-flags.ts";
import { namedBySpec } from "./named/by-spec.ts";
import type { Named } from "./named/named.ts";
import { placementOf, placeService } from "./place-service.ts";

/** What a specification asks for, beside what is there. */
export type Plan = {
  /** Null when an error among the problems keeps the specification from being used. */
  readonly service: Service | null;
  readonly problems: readonly Problem[];
  /** Whether it cannot be used because something that is named is not there. */
  readonly lacks: boolean;
  /** Keys of the file that Slipway leaves to Terraform. */
  readonly leftToTerraform: readonly string[];
  /** In the order in which they are done; empty when there is no service. */
  readonly steps: readonly PlannedStep[];
};

/**
 * Compares a service.yaml with what is there. Changes nothing.
 * @throws TransientError or PermanentError when what is there cannot be read, or is another service's.
 */
export async function planSpec(
  installation: Installation,
  cloud: Cloud,
  text: string,
): Promise<Plan> {
  const parsed = parseServiceSpec(text);
  const { spec } = parsed;
  if (spec === null) {
    return refused(parsed.problems);
  }
  const found = withAccessProblems(text, spec, parsed.problems);
  const draft = placeService(installation, spec, null);
  const large = refuseLarge(draft);
  if (large !== null) {
    const problem = { severity: "error" as const, path: "", line: 1, column: 1, message: large };
    return refused([...found, problem]);
  }
  const byFlags = await missingOf(installation, text, namedByFlags(installation));
  if (hasErrors(byFlags)) {
    return { ...refused([...byFlags, ...found]), lacks: true };
  }
  const targets = await readTargets(cloud, draft);
  const platformArchive = adoptedArchive(draft, targets);
  const service =
    platformArchive === null ? draft : placeService(installation, spec, platformArchive);
  const context = { installation, cloud, spec, service, targets };
  const judged = await judge(context, text, [...byFlags, ...found]);
  if (hasErrors(judged.problems)) {
    return judged;
  }
  return planSteps(context, { text, platformArchive, problems: judged.problems });
}

/** What is wrong with a placed specification beside what is there: what it names, and what runs already. */
async function judge(context: Context, text: string, found: readonly Problem[]): Promise<Plan> {
  const { installation, spec, service } = context;
  const specified = { spec, service, slipway: installation.project };
  const bySpec = await missingOf(installation, text, namedBySpec(specified));
  const problems = inOrder([...found, ...bySpec]);
  return hasErrors(bySpec)
    ? { ...refused(problems), lacks: true }
    : refused(await withTakeover(context, text, problems));
}

/** The steps of a specification with which nothing is wrong, if it may be recorded. */
async function planSteps(
  context: Context,
  {
    text,
    platformArchive,
    problems: all,
  }: { readonly text: string; readonly platformArchive: string | null } & Pick<Plan, "problems">,
): Promise<Plan> {
  const { installation, cloud, spec, service } = context;
  const submission = { service: service.id, text, placement: placementOf(service) };
  const tried = await installation.records.submit({ ...submission, isTried: true });
  if (!tried.ok) {
    return refused(inOrder(uniqueProblems([...all, ...tried.refusal])));
  }
  const steps = [
    ...(platformArchive === null
      ? await planSource(context)
      : [await findPlatformArchive(cloud, platformArchive)]),
    ...(await planTypes(context)),
    ...planTargets(context),
    ...(await planPipelines(context)),
    ...(await planBeside(context)),
    ...planRecord(installation.records, { submission, tried: tried.value }),
  ];
  return {
    service,
    problems: inOrder(uniqueProblems([...all, ...tried.value.problems])),
    lacks: false,
    leftToTerraform: leftToTerraform(spec, service),
    steps,
  };
}

function refused(problems: readonly Problem[]): Plan {
  return { service: null, problems, lacks: false, leftToTerraform: [], steps: [] };
}

function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}

/** What of that which is named is not there, where somebody else than who applies makes it. */
async function missingOf(
  { looks }: Installation,
  text: string,
  named: readonly Named[],
): Promise<readonly Problem[]> {
  return looks === null ? [] : missingProblems(looks, text, named);
}

/** The problems with what running services would lose by their first rollout; only told where that is agreed to. */
async function withTakeover(
  { installation: { takesOver }, cloud, spec, service, targets }: Context,
  text: string,
  problems: readonly Problem[],
): Promise<readonly Problem[]> {
  const places = placesOf(spec, service).filter(
    ({ environment }) => !isForeignKind(targets.get(environment.id) ?? null),
  );
  if (service.manages === "image") {
    return inOrder([...problems, ...(await absenceProblems(cloud, text, places))]);
  }
  const severity = takesOver ? "warning" : "error";
  const losses = await takeoverProblems(cloud, text, { places, severity });
  return inOrder([...problems, ...losses, ...fencedProblems(text, places)]);
}

type Targets = ReadonlyMap<Environment["id"], Target | null>;

type Context = {
  readonly installation: Installation;
  readonly cloud: Cloud;
  readonly spec: ServiceSpec;
  readonly service: Service;
  readonly targets: Targets;
};

async function readTargets(cloud: Cloud, { environments }: Service): Promise<Targets> {
  const read = environments.map(
    async (environment) => [environment.id, await readTarget(cloud, environment)] as const,
  );
  return new Map(await Promise.all(read));
}

/**
 * The archive that the Managed Services Platform keeps beside a pipeline whose targets are of its own type: it
 * has the actions that such targets run. Null for any other pipeline.
 * @throws PermanentError when an environment outside the stages would need another archive.
 */
function adoptedArchive({ id, environments }: Service, targets: Targets): string | null {
  const stages = environments.filter(({ stage }) => stage !== null);
  if (!stages.some((environment) => isPlatformTarget(targets.get(environment.id) ?? null))) {
    return null;
  }
  const outside = environments.filter(({ stage }) => stage === null);
  if (outside.length > 0) {
    const names = outside.map((environment) => environment.id).join(", ");
    const message = `services/${id}: its stages have targets of the platform's custom type, and the archive for those cannot deploy ${names}, which is outside the stages. Make the targets Cloud Run targets, or move ${names} to a specification of its own`;
    throw new PermanentError("FAILED_PRECONDITION", message);
  }
  return `gs://${stages.at(-1)?.project ?? ""}-cloudrun-skaffold/source.tar.gz`;
}

async function findPlatformArchive(cloud: Cloud, uri: string): Promise<PlannedStep> {
  if ((await readArchiveHash(cloud, uri)) === null) {
    const message = `${uri}: the platform's archive is not there, and its custom targets cannot deploy without it; ask whoever runs the platform for it`;
    throw new PermanentError("NOT_FOUND", message);
  }
  return unchanged("source archive", uri, ["the platform's own, which its targets need"]);
}

async function planSource({
  installation,
  cloud,
  spec,
  service,
}: Context): Promise<readonly PlannedStep[]> {
  const { sourcesBucket, location } = installation;
  const bytes = await packArchive(renderRelease(spec, service));
  return Promise.all([
    planBucket(cloud, { name: sourcesBucket, location }),
    planArchive(cloud, service.sourceUri, bytes),
  ]);
}

/** What our own targets of releases that change the image alone need, beside each of their pipelines. */
async function planTypes({ cloud, service, targets }: Context): Promise<readonly PlannedStep[]> {
  const places = service.environments
    .filter(({ id }) => service.manages === "image" && !isForeignKind(targets.get(id) ?? null))
    .map(({ pipeline }) => pipeline);
  const names = new Map(places.map((pipeline) => [imageTargetType(pipeline), pipeline]));
  return Promise.all([...names.values()].map((pipeline) => planImageTargetType(cloud, pipeline)));
}

function planTargets({ installation, cloud, service, targets }: Context): readonly PlannedStep[] {
  const { deployAccount, sourcesBucket } = installation;
  const execution = { account: deployAccount, storage: `gs://${sourcesBucket}` };
  return service.environments.map((environment) => {
    const there = targets.get(environment.id) ?? null;
    return planTarget(cloud, service, { environment, there, execution });
  });
}

async function planPipelines({
  cloud,
  spec,
  service,
  targets,
}: Context): Promise<readonly PlannedStep[]> {
  return Promise.all(
    pipelinesOf(service).map(async ({ pipeline, environments }) => {
      const isAdopted = environments.some(({ id }) => isForeignKind(targets.get(id) ?? null));
      const source = spec.build.source?.repo ?? null;
      return planPipeline(cloud, service, { pipeline, environments, isAdopted, source });
    }),
  );
}

/** What belongs to delivery and is beside Cloud Deploy: who may call a service, when a job runs, and what is watched. */
async function planBeside({
  installation,
  cloud,
  spec,
  service,
}: Context): Promise<readonly PlannedStep[]> {
  if (service.manages === "image") {
    return [];
  }
  const places = placesOf(spec, service);
  const steps = await Promise.all(
    places.map(async (place) =>
      service.kind === "job"
        ? planSchedule(cloud, place)
        : planInvokers(cloud, place, installation),
    ),
  );
  const alerts = await Promise.all(
    places.map(async (place) => planAlerts(cloud, place, installation)),
  );
  return [...steps.filter((step) => step !== null), ...alerts.flat()];
}

/** Each problem once: the API tells of those that were found here as well. */
function uniqueProblems(problems: readonly Problem[]): readonly Problem[] {
  const named = problems.map(
    (problem) => [`${problem.line}:${problem.column} ${problem.message}`, problem] as const,
  );
  return [...new Map(named).values()];
}
