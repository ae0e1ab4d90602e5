import { z } from "zod";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { TOPICS, topicName } from "./topics.ts";
import { create, send } from "./rest.ts";

/** Where the samples' databases, plans, jobs and policies are made. */
export type ResourceEndpoints = {
  readonly cloudSql: string;
  readonly gkeBackup: string;
  readonly cloudRun: string;
  readonly monitoring: string;
  readonly loadBalancer: string;
};

/**
 * Makes what a sample's environments have beside the service itself, as its owners' infrastructure does: databases,
 * backup plans, migration jobs, and alert policies that tell Slipway of their incidents. What is there stays.
 * @throws Error when something is refused.
 */
export async function makeResources(endpoints: ResourceEndpoints, service: Service): Promise<void> {
  await Promise.all(
    service.environments.flatMap((environment) => [
      makeDatabase(endpoints.cloudSql, service, environment),
      makeBackupPlan(endpoints.gkeBackup, environment),
      makeJobs(endpoints.cloudRun, service, environment),
      makeAlertPolicy(endpoints.monitoring, service, environment),
      leadDomain(endpoints.loadBalancer, environment),
    ]),
  );
}

/** The load balancer leads the domain to the service, also before that is there. */
async function leadDomain(
  loadBalancer: string,
  { domain, project, region, runService }: Environment,
): Promise<void> {
  if (domain !== null) {
    const service = `projects/${project}/locations/${region}/services/${runService}`;
    await send("PUT", `${loadBalancer}/emulator/v1/domains/${domain}`, { service });
  }
}

async function makeDatabase(
  cloudSql: string,
  { id }: Service,
  { project, region, hasDatabase }: Environment,
): Promise<void> {
  if (!hasDatabase) {
    return;
  }
  await create(`${cloudSql}/v1/projects/${project}/instances`, {
    name: id,
    region,
    databaseVersion: "POSTGRES_17",
    settings: {
      tier: "db-custom-1-4096",
      edition: "ENTERPRISE",
      backupConfiguration: { enabled: true, pointInTimeRecoveryEnabled: true, startTime: "03:00" },
    },
  });
}

async function makeBackupPlan(gkeBackup: string, { policy }: Environment): Promise<void> {
  const plan = policy.backup?.gkePlan ?? null;
  if (plan === null) {
    return;
  }
  const [parent = "", id = ""] = plan.split("/backupPlans/");
  await create(`${gkeBackup}/v1/${parent}/backupPlans?backupPlanId=${id}`, {
    cluster: `${parent}/clusters/main`,
    backupConfig: { allNamespaces: true, includeVolumeData: true },
    retentionPolicy: { backupRetainDays: 90 },
  });
}

async function makeJobs(
  cloudRun: string,
  { image }: Service,
  { project, region, policy }: Environment,
): Promise<void> {
  const { before, after } = policy.migrations;
  for (const job of [before?.job, after?.job]) {
    if (job !== undefined) {
      const url = `${cloudRun}/v2/projects/${project}/locations/${region}/jobs?jobId=${job}`;
      await create(url, { template: { template: { containers: [{ image }], maxRetries: 0 } } });
    }
  }
}

const Policies = z.object({
  alertPolicies: z.array(z.object({ name: z.string() })).default([]),
});
const Named = z.object({ name: z.string() });

/** One policy is enough for `:open`; it tells Slipway through a channel to the topic of incidents. */
async function makeAlertPolicy(
  monitoring: string,
  { id, name }: Service,
  { id: environment, project, policy }: Environment,
): Promise<void> {
  const url = `${monitoring}/v3/projects/${project}`;
  if (policy.alerts.block.length === 0 || (await listPolicies(monitoring, project)).length > 0) {
    return;
  }
  const channel = Named.parse(
    await send("POST", `${url}/notificationChannels`, {
      type: "pubsub",
      displayName: "Slipway",
      labels: { topic: topicName(TOPICS.incidents) },
    }),
  );
  await send("POST", `${url}/alertPolicies`, {
    displayName: `${name}: too many server errors`,
    combiner: "OR",
    severity: "ERROR",
    userLabels: { service: id, environment },
    notificationChannels: [channel.name],
    conditions: [
      {
        displayName: "5xx above 5 %",
        conditionThreshold: {
          filter:
            'resource.type="cloud_run_revision" AND metric.type="run.googleapis.com/request_count" AND metric.labels.response_code_class="5xx"',
          aggregations: [{ alignmentPeriod: "60s", perSeriesAligner: "ALIGN_RATE" }],
          comparison: "COMPARISON_GT",
          thresholdValue: 0.05,
          duration: "300s",
        },
      },
    ],
  });
}

/** The full names of a project's alert policies. */
export async function listPolicies(
  monitoring: string,
  project: string,
): Promise<readonly string[]> {
  const listed = await send("GET", `${monitoring}/v3/projects/${project}/alertPolicies`);
  return Policies.parse(listed).alertPolicies.map(({ name }) => name);
}
