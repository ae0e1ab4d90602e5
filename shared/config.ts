import { z } from "zod";
import { chatOf, secretName, slackEndpoint, slackPeople, slackTeam } from "./wire/chat-config.ts";
import type { ChatConfig } from "./wire/chat-config.ts";
import type { Principal } from "./domain/policy.ts";
import type { InstallationAccess } from "./domain/rights/relation.ts";
import type { Scoping } from "./domain/scoping.ts";
import { GITHUB_VARIABLES } from "./wire/github-config.ts";
import { list, toItems } from "./wire/items.ts";
import { mailRelay } from "./wire/mail-relay.ts";
import { notifyRules, toNoticeConfig } from "./wire/notice-config.ts";
import type { NoticeConfig } from "./wire/notice-config.ts";
import { otlpHeaders, toTelemetry } from "./wire/telemetry-config.ts";
import { database } from "./wire/database-config.ts";
import type { TelemetryConfig } from "./wire/telemetry-config.ts";
import { complainAboutPrincipal, parsePrincipal } from "./wire/spec/principal.ts";

/**
 * Everything the functions are told by their environment: the only place that reads it. Endpoints are
 * for the local cloud and for tests; without them Google's own are used. APIs spoken to over REST have
 * `http://HOST:PORT`, the others `HOST:PORT`.
 */
export type Config = {
  readonly project: string;
  readonly location: string;
  /** The Firestore database of everything that is kept; null for the project's default one. */
  readonly database: string | null;
  /** The bucket of the archives that are rendered. */
  readonly sourcesBucket: string;
  /** Who is what to this installation, and who the owners of services are. */
  readonly access: InstallationAccess;
  /** How ID tokens of callers and of push subscriptions are verified. */
  readonly identity: {
    readonly issuers: readonly string[];
    readonly jwksUri: string;
    /** Audiences that the API accepts; a push subscription's is the function's own address. */
    readonly audiences: readonly string[];
    /** Audiences that a person's token may have beside those: gcloud's own client, unless the installation says otherwise. */
    readonly peopleAudiences: readonly string[];
    /** Whether Cloud Run has checked the caller of every request and removed the signature of its token. */
    readonly isEdgeChecked: boolean;
    /** The service accounts whose tokens push subscriptions carry; empty: none is accepted. */
    readonly pushAccounts: readonly string[];
  };
  /** How people sign in to the pages. */
  readonly pages: {
    /** The audiences of Identity-Aware Proxy's assertions; empty: none is believed. */
    readonly audiences: readonly string[];
    readonly jwksUri: string;
    /** The addresses as which anybody may sign in who reaches the pages: for a local cloud alone. */
    readonly people: readonly string[];
  };
  /** How people ask in chat; null where they do not. */
  readonly chat: ChatConfig | null;
  /** How people are told what happens. */
  readonly notices: NoticeConfig;
  /** Where the alerts of the environments' projects are. */
  readonly scoping: Scoping;
  /** The file that says where the clock of a local cloud stands; null: the machine's clock is the clock. */
  readonly clockFile: string | null;
  /** Where traces and numbers of Slipway itself are sent; null: nowhere. */
  readonly telemetry: TelemetryConfig | null;
  /** Whose certificates and log entries count: JSON, or the path of a file with it; null for Sigstore's public ones. */
  readonly trustedRoot: string | null;
  readonly endpoints: {
    readonly cloudDeploy: string | null;
    readonly artifactRegistry: string | null;
    readonly cloudRun: string | null;
    readonly firestore: string | null;
    readonly pubsub: string | null;
    readonly secretManager: string | null;
    /** The address of Slack's Web API, with its last slash. */
    readonly slack: string | null;
    readonly cloudIdentity: string | null;
    readonly cloudSql: string | null;
    readonly gkeBackup: string | null;
    readonly monitoring: string | null;
    /** Where every service's domain leads, in place of what DNS says. */
    readonly loadBalancer: string | null;
  };
};

/** The issuers of Google's ID tokens. Source: https://developers.google.com/identity/openid-connect/openid-connect */
const GOOGLE_ISSUERS = ["https://accounts.google.com", "accounts.google.com"];

/**
 * gcloud's own client: what a person's token is for that `gcloud auth print-identity-token` prints. Cloud Run takes it, too.
 * Source: https://cloud.google.com/run/docs/authenticating/developers
 */
const GCLOUD_AUDIENCE = "32555940559.apps.googleusercontent.com";

/** Where Google shows its keys. Source: https://accounts.google.com/.well-known/openid-configuration */
const GOOGLE_JWKS_URL = "https://www.googleapis.com/oauth2/v3/certs";

/** Where Identity-Aware Proxy shows its keys. Source: https://cloud.google.com/iap/docs/signed-headers-howto */
const IAP_JWKS_URL = "https://www.gstatic.com/iap/verify/public_key-jwk";

const principal = z.string().transform((text, context): Principal => {
  const complaint = complainAboutPrincipal(text);
  if (complaint !== null) {
    context.addIssue({ code: "custom", message: `${text}: ${complaint}` });
  }
  return parsePrincipal(text) ?? "user:";
});

const principals = list.pipe(z.array(principal));

/** `team-a=group:team-a@example.com`; a name may come several times. */
const owner = z
  .string()
  .regex(/^[^=]+=[^=]+$/, "must be OWNER=PRINCIPAL, such as team-a=group:team-a@example.com")
  .transform((text): readonly [string, string] => {
    const [name = "", named = ""] = text.split("=");
    return [name.trim(), named.trim()];
  })
  .pipe(z.tuple([z.string().min(1), principal]))
  .transform(([name, named]) => ({ owner: name, principals: [named] }));

const owners = list.pipe(z.array(owner));

/** Source: https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

/** `central`, or `web-prod=central` for one project; at most one is for all. */
const scoping = list.transform((items, context): Scoping => {
  const pairs = items.map((item) => item.split("=").map((part) => part.trim()));
  const wrong = pairs.find(
    (parts) => parts.length > 2 || !parts.every((part) => PROJECT.test(part)),
  );
  const everywhere = pairs.flatMap(([first = "", scope]) => (scope === undefined ? [first] : []));
  if (wrong !== undefined || everywhere.length > 1) {
    const message =
      "must be a project, or PROJECT=SCOPING_PROJECT for single ones, such as acme-monitoring,web-prod=acme-prod-monitoring";
    context.addIssue({ code: "custom", message });
  }
  return {
    everywhere: everywhere[0] ?? null,
    ofProject: new Map(
      pairs.flatMap(([project = "", scope]) => (scope === undefined ? [] : [[project, scope]])),
    ),
  };
});

const endpoint = z
  .string()
  .regex(/^[a-z0-9.-]+:\d+$/i, "must be HOST:PORT")
  .optional()
  .transform((address) => address ?? null);

const endpointUrl = z
  .url()
  .optional()
  .transform((url) => url?.replace(/\/$/, "") ?? null);

const Environment = z.object({
  SLIPWAY_PROJECT: z.string().min(1),
  SLIPWAY_LOCATION: z.string().min(1).default("us-central1"),
  SLIPWAY_DATABASE: database,
  SLIPWAY_SOURCES_BUCKET: z.string().min(1).optional(),
  SLIPWAY_VIEWERS: principals,
  SLIPWAY_DEPLOYERS: principals,
  SLIPWAY_APPROVERS: principals,
  SLIPWAY_ONCALL: principals,
  SLIPWAY_OWNERS: owners,
  SLIPWAY_ISSUERS: list.transform((issuers) => (issuers.length === 0 ? GOOGLE_ISSUERS : issuers)),
  SLIPWAY_JWKS_URL: z.url().default(GOOGLE_JWKS_URL),
  SLIPWAY_AUDIENCES: list,
  SLIPWAY_PEOPLE_AUDIENCES: z.string().default(GCLOUD_AUDIENCE).transform(toItems),
  SLIPWAY_EDGE: z.enum(["checked", "none"]).default("none"),
  SLIPWAY_PUSH_ACCOUNTS: list.pipe(z.array(z.string().toLowerCase())),
  SLIPWAY_IAP_AUDIENCES: list,
  SLIPWAY_IAP_JWKS_URL: z.url().default(IAP_JWKS_URL),
  SLIPWAY_SIGN_IN_AS: list.pipe(z.array(z.email().toLowerCase())),
  SLIPWAY_CLOCK: z.string().min(1).optional(),
  SLIPWAY_SLACK_SIGNING_SECRET: secretName,
  SLIPWAY_SLACK_TOKEN: secretName,
  SLIPWAY_SLACK_TEAM: slackTeam,
  SLIPWAY_SLACK_PEOPLE: slackPeople,
  SLIPWAY_SCOPING_PROJECT: scoping,
  SLIPWAY_TRUSTED_ROOT: z.string().min(1).optional(),
  SLIPWAY_OTLP_ENDPOINT: endpointUrl,
  SLIPWAY_OTLP_HEADERS: otlpHeaders,
  SLIPWAY_OTLP_HEADERS_SECRET: secretName,
  SLIPWAY_CLOUD_DEPLOY_ENDPOINT: endpoint,
  SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: endpoint,
  SLIPWAY_CLOUD_RUN_ENDPOINT: endpoint,
  SLIPWAY_FIRESTORE_ENDPOINT: endpoint,
  SLIPWAY_PUBSUB_ENDPOINT: endpoint,
  SLIPWAY_SECRET_MANAGER_ENDPOINT: endpoint,
  SLIPWAY_CLOUD_IDENTITY_ENDPOINT: endpointUrl,
  SLIPWAY_CLOUD_SQL_ENDPOINT: endpointUrl,
  SLIPWAY_GKE_BACKUP_ENDPOINT: endpointUrl,
  SLIPWAY_MONITORING_ENDPOINT: endpointUrl,
  SLIPWAY_LOAD_BALANCER_ENDPOINT: endpointUrl,
  SLIPWAY_SLACK_ENDPOINT: slackEndpoint,
  ...GITHUB_VARIABLES,
  SLIPWAY_NOTIFY: notifyRules,
  SLIPWAY_NOTIFY_DEFAULTS: notifyRules,
  SLIPWAY_PAGES: endpointUrl,
  SLIPWAY_MAIL: mailRelay,
  SLIPWAY_WEBHOOK_REACH: z.enum(["internet", "anywhere"]).default("internet"),
});

/** What a person is let in as without a proof must never be Google's, and what signs requests is of no use alone. */
const SafeEnvironment = Environment.refine(
  (read) => read.SLIPWAY_SLACK_SIGNING_SECRET === null || chatOf(read) !== null,
  {
    path: ["SLIPWAY_SLACK_SIGNING_SECRET"],
    message: "chat needs SLIPWAY_SLACK_TOKEN and SLIPWAY_SLACK_TEAM, too",
  },
)
  .refine(
    (read) => read.SLIPWAY_SIGN_IN_AS.length === 0 || read.SLIPWAY_FIRESTORE_ENDPOINT !== null,
    {
      path: ["SLIPWAY_SIGN_IN_AS"],
      message:
        "lets anybody in as these people, so it is for a local cloud alone, whose Firestore is not Google's: leave it out here, and turn on Identity-Aware Proxy",
    },
  )
  .refine(
    (read) => read.SLIPWAY_WEBHOOK_REACH === "internet" || read.SLIPWAY_FIRESTORE_ENDPOINT !== null,
    {
      path: ["SLIPWAY_WEBHOOK_REACH"],
      message:
        "lets whoever writes a specification send events into this network, so it is for a local cloud alone: leave it out here",
    },
  )
  .refine((read) => read.SLIPWAY_CLOCK === undefined || read.SLIPWAY_FIRESTORE_ENDPOINT !== null, {
    path: ["SLIPWAY_CLOCK"],
    message:
      "moves the time, so it is for a local cloud alone, whose Firestore is not Google's: leave it out here",
  });

/**
 * Reads the configuration.
 * @throws Error that names every variable that is missing or wrong.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const parsed = SafeEnvironment.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join(".")}: ${message}`,
    );
    throw new Error(`the configuration is not usable: ${problems.join("; ")}`);
  }
  const read = parsed.data;
  return {
    project: read.SLIPWAY_PROJECT,
    location: read.SLIPWAY_LOCATION,
    database: read.SLIPWAY_DATABASE,
    sourcesBucket: read.SLIPWAY_SOURCES_BUCKET ?? `${read.SLIPWAY_PROJECT}-sources`,
    access: {
      viewer: read.SLIPWAY_VIEWERS,
      deployer: read.SLIPWAY_DEPLOYERS,
      approver: read.SLIPWAY_APPROVERS,
      oncall: read.SLIPWAY_ONCALL,
      owners: read.SLIPWAY_OWNERS,
    },
    identity: {
      issuers: read.SLIPWAY_ISSUERS,
      jwksUri: read.SLIPWAY_JWKS_URL,
      audiences: read.SLIPWAY_AUDIENCES,
      peopleAudiences: read.SLIPWAY_PEOPLE_AUDIENCES,
      isEdgeChecked: read.SLIPWAY_EDGE === "checked",
      pushAccounts: read.SLIPWAY_PUSH_ACCOUNTS,
    },
    pages: {
      audiences: read.SLIPWAY_IAP_AUDIENCES,
      jwksUri: read.SLIPWAY_IAP_JWKS_URL,
      people: read.SLIPWAY_SIGN_IN_AS,
    },
    chat: chatOf(read),
    notices: toNoticeConfig(read),
    scoping: read.SLIPWAY_SCOPING_PROJECT,
    clockFile: read.SLIPWAY_CLOCK ?? null,
    telemetry: toTelemetry(read),
    trustedRoot: read.SLIPWAY_TRUSTED_ROOT ?? null,
    endpoints: {
      cloudDeploy: read.SLIPWAY_CLOUD_DEPLOY_ENDPOINT,
      artifactRegistry: read.SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT,
      cloudRun: read.SLIPWAY_CLOUD_RUN_ENDPOINT,
      firestore: read.SLIPWAY_FIRESTORE_ENDPOINT,
      pubsub: read.SLIPWAY_PUBSUB_ENDPOINT,
      secretManager: read.SLIPWAY_SECRET_MANAGER_ENDPOINT,
      slack: read.SLIPWAY_SLACK_ENDPOINT,
      cloudIdentity: read.SLIPWAY_CLOUD_IDENTITY_ENDPOINT,
      cloudSql: read.SLIPWAY_CLOUD_SQL_ENDPOINT,
      gkeBackup: read.SLIPWAY_GKE_BACKUP_ENDPOINT,
      monitoring: read.SLIPWAY_MONITORING_ENDPOINT,
      loadBalancer: read.SLIPWAY_LOAD_BALANCER_ENDPOINT,
    },
  };
}

/** Reads the configuration of this process. */
export function readProcessConfig(): Config {
  return readConfig(process.env);
}
