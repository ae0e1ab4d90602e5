import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { callOutside } from "../../shared/adapters/outside-call.ts";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import type { Path, Problem } from "../../shared/wire/spec/problem.ts";
import { offApi } from "../platform/preflight/off-api.ts";
import type { Place } from "../render/place.ts";
import { toManifest } from "../render/render-release.ts";
import type { Cloud } from "../resources/cloud.ts";
import { lookUp } from "../resources/deploy-operation.ts";
import { manifestTraits } from "./manifest-traits.ts";
import { problemAt } from "../../shared/wire/spec/position.ts";
import type { Found } from "../../shared/wire/spec/position.ts";
import { jobTraits, serviceTraits } from "./running-traits.ts";
import type { Traits } from "./running-traits.ts";
import { entryOf } from "../../shared/domain/entry-of.ts";

/** The label of what one of our manifests made. */
const OWNER_LABEL = "slipway-service";

const SCALING = ["minimum of instances", "maximum of instances", "requests at once"];

/** What runs in an environment already: what it is, and whose. */
type Running = { readonly traits: Traits; readonly owner: string };

/**
 * What the first rollout would take away from services that run already: each field, as a problem at its
 * environment. A release is the whole service; what somebody else gave it and the file does not say is gone
 * afterwards. A service that a manifest of ours made is ours to change.
 */
export async function takeoverProblems(
  cloud: Cloud,
  text: string,
  { places, severity }: { readonly places: readonly Place[] } & Pick<Problem, "severity">,
): Promise<readonly Problem[]> {
  const found = await Promise.all(places.map(async (place) => lossesIn(cloud, place)));
  return found.flat().map((one) => problemAt(text, one, severity));
}

function pathOf({ spec, environment }: Place): Path {
  return ["environments", spec.environments.findIndex(({ id }) => id === environment.id)];
}

/**
 * The services and jobs that a release would change the image of and that are not there, as warnings: somebody else
 * makes them, perhaps later.
 */
export async function absenceProblems(
  cloud: Cloud,
  text: string,
  places: readonly Place[],
): Promise<readonly Problem[]> {
  const found = await Promise.all(
    places.map(async (place) => {
      const running = await lookAt(cloud, place);
      const name = `${place.service.kind} ${place.environment.runService}`;
      const message = `there is no ${name} yet: releases change its image alone, so Terraform must make it before the first rollout`;
      return running === null ? [{ path: pathOf(place), message }] : [];
    }),
  );
  return found.flat().map((one) => problemAt(text, one, "warning"));
}

async function lossesIn(cloud: Cloud, place: Place): Promise<readonly Found[]> {
  const { service, environment } = place;
  const path = pathOf(place);
  const name = `${service.kind} ${environment.runService}`;
  const running = await lookAt(cloud, place);
  if (typeof running === "string") {
    const message = `it is not known whether a ${name} runs there already, and what it would lose: ${running}`;
    return [{ path, message }];
  }
  if (running === null || running.owner === service.id) {
    return [];
  }
  const wanted = manifestTraits(toManifest(place));
  const said = writtenIn(place);
  return [...running.traits].flatMap(([trait, value]) => {
    const next = wanted.get(trait);
    const isKept = next === value || (next !== undefined && said.has(trait));
    if (isKept || isOfGone(trait, wanted)) {
      return [];
    }
    const what = `${trait}${shown(trait, value)} of the running ${name}`;
    const fate = next === undefined ? "would be lost" : `would become ${shownNext(trait, next)}`;
    return [{ path, message: `${what} ${fate}: ${remedy(trait)}` }];
  });
}

/** How a probe asks is no loss of its own where the probe goes. */
function isOfGone(trait: string, wanted: Traits): boolean {
  const [, probe] = /^timing of the (.+)$/.exec(trait) ?? [];
  return probe !== undefined && !wanted.has(probe);
}

async function lookAt(cloud: Cloud, place: Place): Promise<Running | string | null> {
  try {
    return await read(cloud, place);
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return reasonOf(error, place);
    }
    throw error;
  }
}

/** Why nothing is seen, with what would show it. */
function reasonOf(error: TransientError | PermanentError, { environment }: Place): string {
  const off = offApi(error);
  if (off !== null) {
    return `${off.what}: ${off.mend}`;
  }
  const reason = `${error.status}: ${error.message}`;
  return error.status === "PERMISSION_DENIED"
    ? `${reason} (roles/run.viewer in project ${environment.project} lets you look)`
    : reason;
}

async function read(cloud: Cloud, { service, environment }: Place): Promise<Running | null> {
  const { project, region, runService } = environment;
  const parent = `projects/${project}/locations/${region}`;
  const { services, jobs } = await cloud.run();
  if (service.kind === "job") {
    const name = `${parent}/jobs/${runService}`;
    const job = await lookUp(name, async () => {
      const [found] = await callOutside(name, () => jobs.getJob({ name }, ONE_CALL));
      return found;
    });
    return job === null ? null : { traits: jobTraits(job), owner: job.labels?.[OWNER_LABEL] ?? "" };
  }
  const name = `${parent}/services/${runService}`;
  const found = await lookUp(name, async () => {
    const [one] = await callOutside(name, () => services.getService({ name }, ONE_CALL));
    return one;
  });
  return found === null
    ? null
    : { traits: serviceTraits(found), owner: found.labels?.[OWNER_LABEL] ?? "" };
}

/** What the file itself speaks of: there another value is what it asks for. */
function writtenIn({ written, spec, environment }: Place): ReadonlySet<string> {
  const { serviceAccount, network, ingress, invokerCheck } =
    entryOf(spec.delivery.environments, environment.id)?.runtime ?? {};
  const variables = [written.env, written.secretEnv].flatMap((map) => Object.keys(map));
  const said = Object.entries({
    account: serviceAccount,
    network,
    ingress,
    "invoker check": invokerCheck ?? written.authentication,
    "timeout of a task": written.deadlineSeconds,
    "timing of the startup probe": written.healthProbes,
    "timing of the liveness probe": written.healthProbes,
    protocol: spec.service.protocol,
  });
  return new Set([
    ...variables.map((name) => `variable ${name}`),
    ...(written.instances.scaling === undefined ? [] : SCALING),
    ...said.flatMap(([trait, value]) => (value === undefined ? [] : [trait])),
  ]);
}

/** The values of variables, headers and annotations may be secret. */
function isQuiet(trait: string): boolean {
  return /^(?:variable|header|annotation) /.test(trait);
}

function shown(trait: string, value: string): string {
  return isQuiet(trait) ? "" : ` (${value})`;
}

function shownNext(trait: string, value: string): string {
  return isQuiet(trait) ? "another" : value;
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^account$/, "set runtime.serviceAccount"],
  [/^network$/, "set runtime.network"],
  [/^ingress$/, "set runtime.ingress"],
  [/^invoker check$/, "set runtime.invokerCheck"],
  [/^processor at the start$/, "set runtime.startupBoost"],
  [/^port$/, "have it listen on the variable PORT and set delivery.manages: image until it does"],
  [/^protocol$/, "set service.protocol"],
  [/^timeout of a task$/, "set deadlineSeconds"],
  [
    /^variable DIAGNOSTICS_SECRET$|^header Authorization /,
    "set DIAGNOSTICS_SECRET in env or secretEnv",
  ],
  [/^variable /, "set it in env or secretEnv"],
  [/^volume cloudsql$|^mount \/cloudsql$/, "set runtime.cloudSqlInstances"],
  [/^(?:volume|mount) /, "give a secret's in secretVolumes"],
  [/^label /, "set runtime.labels"],
  [/^annotation /, "set runtime.annotations"],
  [/instances$|^requests at once$/, "set instances.scaling"],
  [/probe$/, "ask for healthProbes"],
  [/^execution environment$/, "set instances.resources.cloudRunGeneration"],
];

function remedy(trait: string): string {
  const own = REMEDIES.find(([pattern]) => pattern.test(trait))?.[1];
  const others = "set delivery.manages: image, or take it over anyway with --take-over";
  return own === undefined ? others : `${own}; or ${others}`;
}
