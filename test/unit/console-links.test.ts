import { expect, test } from "vitest";
import { consoleLinks } from "../../functions/web/parts/consoles.ts";
import type { BackupSource } from "../../shared/domain/backup.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { aService } from "../support/builders.ts";
import { deployed, found, given, when } from "../support/decider.ts";
import { present } from "../support/present.ts";

const service = aService();
const dev = present(service.environments[0], "dev");
const done = present(
  deployed(when(given(service), found(1)), "dev").ended.at(-1),
  "a promotion that has ended",
);

const PLAN: BackupSource = { kind: "gke", plan: "projects/p/locations/l/backupPlans/daily" };
const SQL: BackupSource = { kind: "cloud-sql", project: "q", instance: "main" };

async function linksOf(parts: Partial<Promotion>): Promise<readonly (readonly [string, string])[]> {
  const made = consoleLinks({ ...done, ...parts }, dev);
  const links = await Promise.all(made.map(async (link) => Promise.resolve(link)));
  return links.map((link) => {
    const { href = "", text = "" } =
      /href="(?<href>[^"]*)"[^>]*>(?<text>[^<]*)</.exec(link.toString())?.groups ?? {};
    return [text, href.replaceAll("&amp;", "&").replace("https://console.cloud.google.com", "")];
  });
}

test("a promotion leads to its migration's execution, and to what that wrote", async () => {
  const name = "projects/p/locations/l/jobs/migrate/executions/migrate-x1";
  const links = await linksOf({ execution: { name, state: "SUCCEEDED", message: null } });
  expect(links.slice(1)).toEqual([
    ["the migration", "/run/jobs/executions/details/l/migrate-x1?project=p"],
    ["its logs", links[2]?.[1]],
  ]);
  expect(links[2]?.[1]).toMatch(/^\/logs\/query;query=[^?;]+\?project=p$/);
  const [, query = ""] = /query=(.*)\?/.exec(links[2]?.[1] ?? "") ?? [];
  expect(decodeURIComponent(query).split("\n")).toEqual([
    'resource.type="cloud_run_job"',
    'resource.labels.job_name="migrate"',
    'labels."run.googleapis.com/execution_name"="migrate-x1"',
  ]);
  expect(
    await linksOf({ execution: { name: "odd", state: "RUNNING", message: null } }),
  ).toHaveLength(1);
});

test("a promotion leads to the backups it rests on and to what it restores, of clusters and of databases", async () => {
  const backup = {
    id: "b1",
    floor: { kind: "none" as const },
    name: null,
    state: "SUCCEEDED" as const,
    startedAt: done.createdAt,
    finishedAt: done.createdAt,
    message: null,
    release: done.release,
    promotion: done.id,
    environment: done.environment,
    service: done.service,
  };
  const restore = {
    backup: "b1",
    from: PLAN,
    name: "n",
    into: PLAN,
    takenAt: null,
    floor: { kind: "none" as const },
    restore: null,
    isDone: true,
  };
  const links = await linksOf({
    backups: [
      { ...backup, source: PLAN },
      { ...backup, source: SQL },
    ],
    restores: [restore, restore],
  });
  expect(links.slice(1)).toEqual([
    ["the backups of daily", "/kubernetes/backups/locations/l/backupPlans/daily/backups?project=p"],
    ["the restores", "/kubernetes/backups/restorePlans?project=p"],
    ["the backups of main", "/sql/instances/main/backups?project=q"],
  ]);
});
