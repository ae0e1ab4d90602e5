import { entryOf } from "../../shared/domain/entry-of.ts";
import { toNotify } from "../../shared/wire/spec/notify-section.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { DIAGNOSTICS, runtimeAccount } from "../render/conventions.ts";
import { registryOf } from "./installation-file.ts";
import { groupsIn } from "./groups.ts";
import type { EnvironmentProject, Mentioned, Registry, Settings } from "./settings.ts";

/** Settings with what specifications ask for beside them: their registries, environments and CI accounts. */
export function withSpecs(settings: Settings, specs: readonly ServiceSpec[]): Settings {
  const registries = specs.flatMap(({ build }) => registryOf(build.image ?? "") ?? []);
  const callers = specs.flatMap(({ rollout }) => {
    const account = rollout?.serviceAccount ?? "";
    return account === "" ? [] : [`serviceAccount:${account.replace(/^serviceAccount:/, "")}`];
  });
  return {
    ...settings,
    registries: distinct([...settings.registries, ...registries]),
    callers: [...new Set([...settings.callers, ...callers])],
    environments: joined([...settings.environments, ...specs.flatMap(environmentsOf)]),
    mentioned: {
      ...mentionedBy(specs),
      shownRepositories: [...new Set(specs.flatMap((spec) => shownOf(spec, settings)))],
    },
  };
}

/** Jobs, plans and groups, each once. */
function mentionedBy(specs: readonly ServiceSpec[]): Omit<Mentioned, "shownRepositories"> {
  const all = specs.flatMap(({ environments, delivery }) =>
    environments.flatMap((environment) => {
      const own = entryOf(delivery.environments, environment.id);
      return own === undefined ? [] : [{ environment, own }];
    }),
  );
  const jobs = all.flatMap(({ environment, own: { migrations } }) => {
    const at = `projects/${environment.projectID}/locations/${environment.locations.gcpRegion}`;
    return [migrations?.before, migrations?.after].flatMap((one) =>
      one === undefined ? [] : [`${at}/jobs/${one.job}`],
    );
  });
  const plans = all.flatMap(({ own }) => own.backup?.gke ?? []);
  const principals = all.flatMap(({ own: { access, approvals } }) =>
    [access.promote, access.approve, access.breakGlass, approvals?.from ?? []].flat(),
  );
  return {
    jobs: [...new Set(jobs)],
    backupPlans: [...new Set(plans.filter((plan) => plan.startsWith("projects/")))],
    groups: groupsIn(principals),
    webhookSecrets: [...new Set(specs.flatMap(webhookSecretsOf))],
  };
}

/** The repository of a service that is shown on GitHub. */
function shownOf(
  { service, build, delivery }: ServiceSpec,
  { notices }: Pick<Settings, "notices">,
): readonly string[] {
  const rules = toNotify(delivery.notify, service.id) ?? notices.defaults;
  const { repo } = build.source ?? {};
  return repo !== undefined && rules.some(({ channel }) => channel.kind === "github") ? [repo] : [];
}

function webhookSecretsOf({ service, delivery }: ServiceSpec): readonly string[] {
  return (toNotify(delivery.notify, service.id) ?? []).flatMap(({ channel }) =>
    channel.kind === "webhook" ? [channel.secret] : [],
  );
}

function environmentsOf(spec: ServiceSpec): readonly EnvironmentProject[] {
  return spec.environments.flatMap((environment) => {
    const delivery = entryOf(spec.delivery.environments, environment.id);
    const { projectID, resources, secretEnv } = environment;
    const own = {
      ...nothingOf(projectID),
      cloudSql: resources?.postgreSQL !== undefined,
      // One of another project is that project's to grant.
      secrets: [secretEnv[DIAGNOSTICS] ?? ""].filter((id) => id !== "" && !id.includes("/")),
      runtimeAccounts: [runtimeAccount(spec, { id: environment.id, project: projectID })],
    };
    return [own, ...planProject(delivery?.backup?.gke ?? "")];
  });
}

/** The project of a backup plan, `projects/P/locations/L/backupPlans/B`. */
function planProject(plan: string): readonly EnvironmentProject[] {
  const [, project = ""] = plan.startsWith("projects/") ? plan.split("/") : [];
  return project === "" ? [] : [{ ...nothingOf(project), gkeBackup: true }];
}

function nothingOf(project: string): EnvironmentProject {
  const nothing = { secrets: [], runtimeAccounts: [], jobAccounts: [] };
  return { project, cloudSql: false, gkeBackup: false, ...nothing };
}

/** One entry for each project, with what any of them asks for. */
function joined(all: readonly EnvironmentProject[]): readonly EnvironmentProject[] {
  return [...Map.groupBy(all, ({ project }) => project)].map(([project, same]) => ({
    project,
    cloudSql: same.some(({ cloudSql }) => cloudSql),
    gkeBackup: same.some(({ gkeBackup }) => gkeBackup),
    secrets: [...new Set(same.flatMap(({ secrets }) => secrets))],
    runtimeAccounts: [...new Set(same.flatMap(({ runtimeAccounts }) => runtimeAccounts))],
    jobAccounts: [...new Set(same.flatMap(({ jobAccounts }) => jobAccounts))],
  }));
}

function distinct(registries: readonly Registry[]): readonly Registry[] {
  return [...new Map(registries.map((one) => [JSON.stringify(one), one])).values()];
}
