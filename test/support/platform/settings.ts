import { FUNCTION_NAMES } from "../../../functions/names.ts";
import { desired } from "../../../infra/platform/desired.ts";
import type { Resource } from "../../../infra/platform/resource.ts";
import { NOTHING_MENTIONED, projectsOf } from "../../../infra/platform/settings.ts";
import { PLATFORM_CHANNEL } from "../../../shared/domain/notices/channel.ts";
import type { Platform, Settings } from "../../../infra/platform/settings.ts";

/** Settings of an installation with a registry and two environments in projects of their own. */
export function someSettings(): Settings {
  return {
    project: "acme-slipway",
    location: "europe-west3",
    registries: [{ project: "acme-images", location: "europe-west3", repository: "apps" }],
    environments: [
      {
        project: "acme-web-dev",
        cloudSql: false,
        gkeBackup: false,
        secrets: [],
        runtimeAccounts: ["web@acme-web-dev.iam.gserviceaccount.com"],
        jobAccounts: [],
      },
      {
        project: "acme-web-prod",
        cloudSql: true,
        gkeBackup: true,
        secrets: ["DIAGNOSTICS_SECRET"],
        runtimeAccounts: ["web@acme-web-prod.iam.gserviceaccount.com"],
        jobAccounts: ["migrate@acme-web-prod.iam.gserviceaccount.com"],
      },
    ],
    pipelineProjects: ["acme-slipway"],
    people: {
      viewers: ["group:eng@example.com"],
      deployers: ["group:eng@example.com"],
      approvers: ["group:sre@example.com"],
      oncall: ["group:oncall@example.com"],
      owners: ["web=group:web@example.com"],
    },
    callers: ["serviceAccount:ci@acme-build.iam.gserviceaccount.com"],
    audiences: [],
    incidentsProject: null,
    alertChannels: [],
    slackToken: "slack-token",
    mail: {
      relay: "smtp://smtp-relay.example.com:587",
      from: "slipway@example.com",
      user: "slipway@example.com",
      password: "smtp-password",
      domains: ["example.com"],
    },
    chat: {
      signingSecret: "slack-signing-secret",
      team: "T012AB3CD",
      people: ["U012AB3CD=ann@example.com"],
    },
    notices: {
      channels: [
        {
          channel: { kind: "slack", name: "#slipway" },
          on: ["stuck", "break-glass"],
          environments: [],
          categories: [],
        },
      ],
      defaults: [PLATFORM_CHANNEL],
      pages: null,
    },
    github: {
      identity: { kind: "app", app: "123456", key: "github-key" },
      host: "github.com",
      api: null,
    },
    telemetry: null,
    mentioned: NOTHING_MENTIONED,
  };
}

/** The same with what the cloud knows of it. */
export function somePlatform(changes: Partial<Platform> = {}): Platform {
  const settings = { ...someSettings(), ...changes };
  const numbers = projectsOf(settings).map(
    (project, index) => [project, String(200_000_000_001 + index)] as const,
  );
  return {
    ...settings,
    numbers: changes.numbers ?? new Map(numbers),
    bundleHash: changes.bundleHash ?? "0".repeat(40),
    version: changes.version ?? "0.1.0",
  };
}

/** The whole table of those settings. */
export function someTable(changes: Partial<Platform> = {}): readonly Resource[] {
  return desired(somePlatform(changes), FUNCTION_NAMES);
}
