import { mailRelayText } from "../../../shared/wire/mail-relay.ts";
import { githubSecret } from "../github-file.ts";
import { notifyRulesText } from "../../../shared/wire/notice-config.ts";
import { keyOf, OWNER_LABEL } from "../resource.ts";
import type { Fields, Resource } from "../resource.ts";
import { numberOf } from "../settings.ts";
import type { Platform, Settings } from "../settings.ts";
import { databaseName } from "./database.ts";
import type { AccountId } from "./names.ts";
import {
  accountEmail,
  accountName,
  DATABASE,
  functionName,
  functionUrl,
  FUNCTIONS_REPOSITORY,
  needsAccount,
  needsApis,
  needsMark,
  secretName,
  sourcesBucket,
} from "./names.ts";

/** The label with the hash of what a function is made of: an unchanged one is not deployed again. */
export const BUNDLE_LABEL = "slipway-bundle";

/** The function that people call. */
export const API_FUNCTION = "api";

/** The function that people look at; Identity-Aware Proxy stands before it. */
export const WEB_FUNCTION = "web";

/** The function that Slack calls; only its signature counts, so that anybody may knock. */
export const CHAT_FUNCTION = "chat";

/** The functions that people reach: they run as an account that cannot act. */
const REACHED: ReadonlySet<string> = new Set([API_FUNCTION, WEB_FUNCTION, CHAT_FUNCTION]);

/** Those of the functions that an installation has: chat only where somebody set it up. */
export function installedFunctions(
  { chat }: Pick<Settings, "chat">,
  names: readonly string[],
): readonly string[] {
  return names.filter((name) => name !== CHAT_FUNCTION || chat !== null);
}

/** The function that tells people. */
export const NOTICE_FUNCTION = "on-notice";

/** The account that a function runs as: those that people reach, and the one that reaches people, cannot act. */
function accountOf(name: string): AccountId {
  if (name === NOTICE_FUNCTION) {
    return "slipway-notice";
  }
  return REACHED.has(name) ? "slipway-api" : "slipway-run";
}

/** How the functions run; the default time of 60 s and one request at a time are both wrong for them. */
const MEMORY = "512Mi";
const CONCURRENCY = 20;
const MESSAGE_INSTANCES_MAX = 10;
const REACHED_INSTANCES_MAX = 20;
const MESSAGE_TIMEOUT_SECONDS = 540;
const REACHED_TIMEOUT_SECONDS = 120;

/** Variables that an installation leaves at their defaults: Google's own endpoints, issuers and keys. */
export const LEFT_AT_DEFAULT: readonly string[] = [
  "SLIPWAY_ISSUERS",
  "SLIPWAY_JWKS_URL",
  "SLIPWAY_PEOPLE_AUDIENCES",
  "SLIPWAY_IAP_JWKS_URL",
  // It lets anybody in: a local cloud alone has it.
  "SLIPWAY_SIGN_IN_AS",
  // It lets events into networks of one's own: a local cloud alone has it.
  "SLIPWAY_WEBHOOK_REACH",
  // Nobody moves Google's time.
  "SLIPWAY_CLOCK",
  "SLIPWAY_TRUSTED_ROOT",
  // They would stand in the function's description for everybody: an installation has them in a secret.
  "SLIPWAY_OTLP_HEADERS",
  "SLIPWAY_CLOUD_DEPLOY_ENDPOINT",
  "SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT",
  "SLIPWAY_CLOUD_RUN_ENDPOINT",
  "SLIPWAY_FIRESTORE_ENDPOINT",
  "SLIPWAY_PUBSUB_ENDPOINT",
  "SLIPWAY_SECRET_MANAGER_ENDPOINT",
  "SLIPWAY_CLOUD_IDENTITY_ENDPOINT",
  "SLIPWAY_CLOUD_SQL_ENDPOINT",
  "SLIPWAY_GKE_BACKUP_ENDPOINT",
  "SLIPWAY_MONITORING_ENDPOINT",
  "SLIPWAY_LOAD_BALANCER_ENDPOINT",
  "SLIPWAY_SLACK_ENDPOINT",
  // But for GitHub Enterprise Server.
  "SLIPWAY_GITHUB_ENDPOINT",
];

/**
 * The functions, each under its name.
 * Source: https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
 */
export function functionsOf(platform: Platform, names: readonly string[]): readonly Resource[] {
  const { project } = platform;
  return installedFunctions(platform, names).map((name): Resource => {
    const account = accountOf(name);
    return {
      kind: "function",
      name: functionName(platform, name),
      project,
      needs: [
        needsApis(project),
        needsMark(platform),
        needsAccount(platform, account),
        needsAccount(platform, "slipway-build"),
        keyOf({ kind: "grants", name: `projects/${project}` }),
        keyOf({ kind: "grants", name: repositoryName(platform) }),
        keyOf({ kind: "database", name: databaseName(platform) }),
        keyOf({
          kind: "index",
          name: `${databaseName(platform)}/collectionGroups/promotions/fields/id`,
        }),
      ],
      fields: {
        environment: "GEN_2",
        description: PURPOSES[name] ?? "A function of Slipway.",
        labels: {
          [OWNER_LABEL]: project,
          [BUNDLE_LABEL]: platform.bundleHash,
          "slipway-version": versionLabel(platform.version),
        },
        buildConfig: {
          runtime: "nodejs24",
          entryPoint: name,
          serviceAccount: accountName(platform, "slipway-build"),
          dockerRepository: repositoryName(platform),
        },
        serviceConfig: serviceConfig(platform, name),
      },
      why: PURPOSES[name] ?? "A function of Slipway.",
    };
  });
}

/** The full name of the repository that the functions' containers are in. */
export function repositoryName({ project, location }: Platform): string {
  return `projects/${project}/locations/${location}/repositories/${FUNCTIONS_REPOSITORY}`;
}

/** A version as a label may have it. */
export function versionLabel(version: string): string {
  return version.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-");
}

const PURPOSES: Readonly<Record<string, string>> = {
  "on-image-push": "Takes up what Artifact Registry says was pushed.",
  "on-deploy-notification": "Takes up what Cloud Deploy says has changed.",
  "on-incident": "Takes up what Cloud Monitoring says of incidents.",
  "on-tick": "Looks after everything that is in flight, each minute, hour and day.",
  "on-work": "Does at once what was decided.",
  [NOTICE_FUNCTION]: "Tells people what is on the record; it cannot act on an environment.",
  [API_FUNCTION]: "Answers people and continuous integration; it can decide and cannot act.",
  [WEB_FUNCTION]: "Shows people the pages; it can decide and cannot act.",
  [CHAT_FUNCTION]:
    "Answers people in Slack. Anybody may call it, since Slack has no token of Google's: it believes Slack's signature alone, can decide and cannot act.",
};

function serviceConfig(platform: Platform, name: string): Fields {
  const isReached = REACHED.has(name);
  return {
    availableMemory: MEMORY,
    availableCpu: "1",
    maxInstanceRequestConcurrency: CONCURRENCY,
    maxInstanceCount: isReached ? REACHED_INSTANCES_MAX : MESSAGE_INSTANCES_MAX,
    timeoutSeconds: isReached ? REACHED_TIMEOUT_SECONDS : MESSAGE_TIMEOUT_SECONDS,
    ingressSettings: isReached ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY",
    serviceAccountEmail: accountEmail(platform, accountOf(name)),
    environmentVariables: {
      ...environmentOf(platform),
      ...(name === CHAT_FUNCTION ? chatEnvironment(platform) : {}),
      ...(name === NOTICE_FUNCTION ? noticeEnvironment(platform) : {}),
    },
  };
}

/** What chat is told beside the others. Cloud Run checks nobody who calls it, so no token is believed there. */
export function chatEnvironment(platform: Platform): Readonly<Record<string, string>> {
  const { project, chat, slackToken } = platform;
  return chat === null || slackToken === null
    ? {}
    : {
        SLIPWAY_EDGE: "none",
        SLIPWAY_SLACK_SIGNING_SECRET: secretName(project, chat.signingSecret),
        SLIPWAY_SLACK_TOKEN: secretName(project, slackToken),
        SLIPWAY_SLACK_TEAM: chat.team,
        SLIPWAY_SLACK_PEOPLE: chat.people.join(","),
        SLIPWAY_PAGES: pagesAddress(platform),
      };
}

/** Where the pages are, to which messages and answers link. */
function pagesAddress(platform: Platform): string {
  return platform.notices.pages ?? functionUrl(platform, WEB_FUNCTION);
}

/**
 * For whom Identity-Aware Proxy's assertions are, where it stands before a service of Cloud Run itself. A load
 * balancer before it would have another.
 * Source: https://cloud.google.com/iap/docs/signed-headers-howto#iap_validate_jwt-python
 */
function iapAudience(platform: Platform): string {
  const number = numberOf(platform, platform.project);
  return `/projects/${number}/locations/${platform.location}/services/${WEB_FUNCTION}`;
}

/** What the functions are told; every variable of shared/config.ts is here or left at its default. */
export function environmentOf(platform: Platform): Readonly<Record<string, string>> {
  const { people } = platform;
  const lists: Readonly<Record<string, readonly string[]>> = {
    SLIPWAY_VIEWERS: people.viewers,
    SLIPWAY_DEPLOYERS: people.deployers,
    SLIPWAY_APPROVERS: people.approvers,
    SLIPWAY_ONCALL: people.oncall,
    SLIPWAY_OWNERS: people.owners,
    SLIPWAY_AUDIENCES: [functionUrl(platform, API_FUNCTION), ...platform.audiences],
    SLIPWAY_IAP_AUDIENCES: [iapAudience(platform)],
    SLIPWAY_SCOPING_PROJECT: platform.incidentsProject === null ? [] : [platform.incidentsProject],
    SLIPWAY_PUSH_ACCOUNTS: [accountEmail(platform, "slipway-events")],
  };
  return {
    SLIPWAY_PROJECT: platform.project,
    SLIPWAY_LOCATION: platform.location,
    SLIPWAY_DATABASE: DATABASE,
    SLIPWAY_SOURCES_BUCKET: sourcesBucket(platform),
    // Cloud Run checks the caller before the function sees the request, and takes the signature away.
    SLIPWAY_EDGE: "checked",
    ...telemetryOf(platform),
    ...Object.fromEntries(Object.entries(lists).map(([key, items]) => [key, items.join(",")])),
  };
}

/** What the function is told beside that, which tells people. */
export function noticeEnvironment(platform: Platform): Readonly<Record<string, string>> {
  const { project, slackToken } = platform;
  const { channels, defaults } = platform.notices;
  return {
    SLIPWAY_NOTIFY: notifyRulesText(channels),
    SLIPWAY_NOTIFY_DEFAULTS: notifyRulesText(defaults),
    ...mailEnvironment(platform),
    SLIPWAY_PAGES: pagesAddress(platform),
    ...(slackToken === null ? {} : { SLIPWAY_SLACK_TOKEN: secretName(project, slackToken) }),
    ...githubEnvironment(platform),
  };
}

/** By what GitHub knows us; what is not said is not needed, or is github.com's. */
function githubEnvironment({ project, github }: Platform): Readonly<Record<string, string>> {
  if (github === null) {
    return {};
  }
  const { identity, host, api } = github;
  return {
    SLIPWAY_GITHUB_HOST: host,
    SLIPWAY_GITHUB_SECRET: secretName(project, githubSecret(github)),
    ...(identity.kind === "app" ? { SLIPWAY_GITHUB_APP: identity.app } : {}),
    ...(api === null ? {} : { SLIPWAY_GITHUB_ENDPOINT: api }),
  };
}

function mailEnvironment({ project, mail }: Platform): Readonly<Record<string, string>> {
  if (mail === null) {
    return {};
  }
  const { password, ...rest } = mail;
  const passwordSecret = password === null ? null : secretName(project, password);
  return {
    SLIPWAY_MAIL: mailRelayText({ ...rest, passwordSecret }),
  };
}

/** Where traces go; without a collector nothing is said of it, and nothing is loaded. */
function telemetryOf({ project, telemetry }: Platform): Readonly<Record<string, string>> {
  if (telemetry === null) {
    return {};
  }
  const { endpoint, headersSecret } = telemetry;
  return {
    SLIPWAY_OTLP_ENDPOINT: endpoint,
    ...(headersSecret !== null && {
      SLIPWAY_OTLP_HEADERS_SECRET: `projects/${project}/secrets/${headersSecret}`,
    }),
  };
}
