import { html } from "hono/html";
import type { BackupSource } from "../../../shared/domain/backup.ts";
import type { Promotion } from "../../../shared/domain/promotion.ts";
import type { Environment } from "../../../shared/domain/service.ts";
import type { Html } from "./html.ts";

const CONSOLE = "https://console.cloud.google.com";

const EXECUTION =
  /^projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/jobs\/(?<job>[^/]+)\/executions\/(?<id>[^/]+)$/;

/**
 * Where Google's console shows what a promotion did: its rollout, its migration's last execution and what that wrote, its
 * backups' instances and plans, and what is restored in clusters. The addresses are those that the console has when one goes there; none is documented.
 */
export function consoleLinks(promotion: Promotion, { pipeline }: Environment): readonly Html[] {
  const { id, release, kind, execution, backups } = promotion;
  const { project, location, id: name } = pipeline;
  const isRolledOut = promotion.steps.some(
    (step) => step.name === "rollout" && step.startedAt !== null,
  );
  const rollout = `/deploy/delivery-pipelines/${location}/${name}/releases/${release}/rollouts/${id}`;
  const instances = new Map(
    backups.flatMap(({ source }) =>
      source.kind === "cloud-sql" ? [[source.instance, source.project] as const] : [],
    ),
  );
  return [
    ...(isRolledOut && kind !== "restore" ? [link("the rollout", rollout, project)] : []),
    ...(execution === null ? [] : executionLinks(execution.name)),
    ...gkeLinks(promotion),
    ...[...instances].map(([instance, owner]) =>
      link(`the backups of ${instance}`, `/sql/instances/${instance}/backups`, owner),
    ),
  ];
}

const PLAN =
  /^projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)\/backupPlans\/(?<plan>[^/]+)$/;

/** Where backups of clusters are, and restores into them: the console lists those of all plans of a project. */
function gkeLinks({ backups, restores }: Promotion): readonly Html[] {
  const plans = new Set(backups.flatMap(({ source }) => planOf(source)));
  const targets = restores.flatMap(({ into }) => planOf(into));
  const owners = new Set(targets.map((name) => PLAN.exec(name)?.groups?.["project"] ?? ""));
  return [
    ...[...plans].flatMap((name) => {
      const { project, location, plan } = PLAN.exec(name)?.groups ?? {};
      const path = `/kubernetes/backups/locations/${location}/backupPlans/${plan}/backups`;
      return project === undefined ? [] : [link(`the backups of ${plan}`, path, project)];
    }),
    ...[...owners]
      .filter((project) => project !== "")
      .map((project) => link("the restores", "/kubernetes/backups/restorePlans", project)),
  ];
}

function planOf(source: BackupSource): readonly string[] {
  return source.kind === "gke" ? [source.plan] : [];
}

function executionLinks(name: string): readonly Html[] {
  const found = EXECUTION.exec(name)?.groups;
  if (found === undefined) {
    return [];
  }
  const { project = "", location = "", job = "", id = "" } = found;
  return [
    link("the migration", `/run/jobs/executions/details/${location}/${id}`, project),
    link("its logs", `/logs/query;query=${logsOf(job, id)}`, project),
  ];
}

/**
 * What finds the entries of an execution in the log.
 * Source: https://cloud.google.com/run/docs/logging
 */
function logsOf(job: string, id: string): string {
  const query = [
    'resource.type="cloud_run_job"',
    `resource.labels.job_name="${job}"`,
    `labels."run.googleapis.com/execution_name"="${id}"`,
  ];
  return encodeURIComponent(query.join("\n"));
}

function link(what: string, path: string, project: string): Html {
  const query = new URLSearchParams({ project }).toString();
  return html`<a href="${CONSOLE}${path}?${query}" rel="noreferrer">${what}</a>`;
}
