import { entryOf } from "../../../shared/domain/entry-of.ts";
import type { Service } from "../../../shared/domain/service.ts";
import type { Path } from "../../../shared/wire/spec/problem.ts";
import { toNotify } from "../../../shared/wire/spec/notify-section.ts";
import type { ServiceSpec } from "../../../shared/wire/spec/schema.ts";
import { groupsIn } from "../../platform/groups.ts";
import { registryOf } from "../../platform/installation-file.ts";
import { backupPlanThing, jobThing, repositoryThing } from "../../platform/preflight/thing.ts";
import { accountOf, DIAGNOSTICS } from "../../render/conventions.ts";
import { placesOf } from "../../render/place.ts";
import type { Place } from "../../render/place.ts";
import { billingNamed, databaseNamed, groupNamed, projectNamed } from "./kinds.ts";
import { lacking } from "./named.ts";
import type { Named } from "./named.ts";
import { accountNamed, secretNamed, thingNamed } from "./things.ts";

/** A specification as it is placed, and Slipway's project. */
type Specified = {
  readonly spec: ServiceSpec;
  readonly service: Service;
  readonly slipway: string;
};

const HERE = "correct it here";

/** What a specification names once. */
const OF_SERVICE: readonly ((specified: Specified) => readonly Named[])[] = [
  repository,
  releaser,
  webhookSecrets,
];

/** What it names for each environment. */
const OF_ENVIRONMENT: readonly ((place: Place) => readonly Named[])[] = [
  project,
  runtimeAccount,
  secrets,
  people,
  jobs,
  database,
  backupPlan,
];

/** All that a specification names and others make: where the file names it, and where it must be. */
export function namedBySpec(specified: Specified): readonly Named[] {
  const places = placesOf(specified.spec, specified.service);
  return [
    ...OF_SERVICE.flatMap((row) => row(specified)),
    ...places.flatMap((place) => OF_ENVIRONMENT.flatMap((row) => row(place))),
  ];
}

function repository({ spec }: Specified): readonly Named[] {
  const registry = registryOf(spec.build.image ?? "");
  if (registry === null) {
    return [];
  }
  const unseen = lacking(
    "artifactregistry.repositories.get",
    "roles/artifactregistry.reader",
    registry.project,
  );
  const at = { path: ["build", "image"], unseen, correct: HERE };
  return [thingNamed(repositoryThing(registry), at)];
}

/** The account of continuous integration. */
function releaser({ spec, slipway }: Specified): readonly Named[] {
  const account = (spec.rollout?.serviceAccount ?? "").replace(/^serviceAccount:/, "");
  const at = { path: ["rollout", "serviceAccount"], correct: HERE };
  return account === "" ? [] : [accountNamed(account, slipway, at)];
}

/** The secrets by which events for webhooks are signed. */
function webhookSecrets({ spec, slipway }: Specified): readonly Named[] {
  const { delivery, service } = spec;
  return (toNotify(delivery.notify, service.id) ?? []).flatMap(({ channel }, index) => {
    if (channel.kind !== "webhook") {
      return [];
    }
    const at = { path: ["delivery", "notify", index, "secret"], correct: "name another as secret" };
    return [secretNamed(`projects/${slipway}/secrets/${channel.secret}`, at)];
  });
}

function project(place: Place): readonly Named[] {
  const { project: id } = place.environment;
  const path = [...written(place), "projectID"];
  return [projectNamed(path, id, HERE), billingNamed(path, id)];
}

/** A release that changes the image alone says nothing of the account. */
function runtimeAccount(place: Place): readonly Named[] {
  const { service, spec, environment } = place;
  if (service.manages === "image") {
    return [];
  }
  const key = [...delivered(place), "runtime", "serviceAccount"];
  const isNamed = entryOf(spec.delivery.environments, environment.id)?.runtime?.serviceAccount;
  const at =
    isNamed === undefined
      ? { path: written(place), correct: `name another in ${key.join(".")}` }
      : { path: key, correct: HERE };
  return [accountNamed(accountOf(place), environment.project, at)];
}

/** Where a release changes the image alone, Slipway reads the secret of diagnostics and no other. */
function secrets(place: Place): readonly Named[] {
  const { secretEnv, secretVolumes } = place.written;
  const isImage = place.service.manages === "image";
  const variables = Object.entries(secretEnv)
    .filter(([name]) => !isImage || name === DIAGNOSTICS)
    .map(([name, secret]) => ({ path: [...written(place), "secretEnv", name], secret }));
  const mounts = Object.entries(isImage ? {} : secretVolumes).map(([name, { secret }]) => ({
    path: [...written(place), "secretVolumes", name, "secret"],
    secret,
  }));
  return [...variables, ...mounts]
    .filter(({ secret }) => secret !== "")
    .map(({ path, secret }) => {
      const name = secret.includes("/")
        ? secret
        : `projects/${place.environment.project}/secrets/${secret}`;
      return secretNamed(name, { path, correct: HERE });
    });
}

/** The groups and accounts among those who may do something; nobody can look whether a person is there. */
function people(place: Place): readonly Named[] {
  const own = entryOf(place.spec.delivery.environments, place.environment.id);
  const { promote = [], approve = [], breakGlass = [] } = own?.access ?? {};
  const lists = [
    { at: ["access", "promote"], principals: promote },
    { at: ["access", "approve"], principals: approve },
    { at: ["access", "breakGlass"], principals: breakGlass },
    { at: ["approvals", "from"], principals: own?.approvals?.from ?? [] },
  ];
  return lists.flatMap(({ at, principals }) =>
    principals.flatMap((principal, index) => {
      const path = [...delivered(place), ...at, index];
      const [, account] = /^serviceAccount:(.+)$/.exec(principal.trim()) ?? [];
      return account === undefined
        ? groupsIn([principal]).map((email) => groupNamed(path, email))
        : [accountNamed(account, place.environment.project, { path, correct: HERE })];
    }),
  );
}

/** The jobs of migrations. One that the service itself is comes with its first release. */
function jobs(place: Place): readonly Named[] {
  const { service, environment } = place;
  const { id, project: home, region, policy, runService } = environment;
  return Object.entries(policy.migrations).flatMap(([when, migration]) => {
    if (migration === null || (service.kind === "job" && migration.job === runService)) {
      return [];
    }
    const unseen = lacking("run.jobs.get", "roles/run.viewer", home);
    const consequence = `each promotion into ${id} would fail at its migration`;
    const path = [...delivered(place), "migrations", when, "job"];
    const at = { path, unseen, correct: HERE, consequence };
    return [thingNamed(jobThing(`projects/${home}/locations/${region}/jobs/${migration.job}`), at)];
  });
}

function database(place: Place): readonly Named[] {
  if (place.environment.policy.backup?.cloudSql !== true) {
    return [];
  }
  const path = [...delivered(place), "backup", "cloudSQL"];
  return [databaseNamed(path, place.service.id, place.environment)];
}

function backupPlan(place: Place): readonly Named[] {
  const { id, policy } = place.environment;
  const plan = policy.backup?.gkePlan ?? null;
  if (plan === null) {
    return [];
  }
  const thing = backupPlanThing(plan);
  const unseen = lacking("gkebackup.backupPlans.get", "roles/gkebackup.viewer", thing.project);
  const consequence = `each promotion into ${id} would fail at its backup`;
  const path = [...delivered(place), "backup", "gke"];
  return [thingNamed(thing, { path, unseen, correct: HERE, consequence })];
}

/** Where the file says what an environment is. */
function written({ spec, environment }: Place): Path {
  return ["environments", spec.environments.findIndex(({ id }) => id === environment.id)];
}

/** Where it says what promotions into it take. */
function delivered({ environment }: Place): Path {
  return ["delivery", "environments", environment.id];
}
