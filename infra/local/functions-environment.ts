import type { Endpoint } from "./ports.ts";
import {
  LOCAL_DATABASE,
  GCLOUD_AUDIENCE,
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_LOCATION,
  LOCAL_OWNERS,
  LOCAL_PEOPLE,
  LOCAL_PROJECT,
} from "./settings.ts";
import { LOCAL_SLACK } from "./slack.ts";

/** The environment that the functions get in the local cloud: what infrastructure sets in Google's. */
export function functionsEnvironment(
  ports: Readonly<Record<Endpoint, number>>,
  inherited: Readonly<Record<string, string | undefined>>,
  trustedRoot: string,
): Readonly<Record<string, string>> {
  return {
    ...endpointsEnvironment(ports, trustedRoot),
    PATH: inherited["PATH"] ?? "",
    HOME: inherited["HOME"] ?? "",
    // As Google's buildpack sets it; without it the functions framework answers with stack traces.
    NODE_ENV: "production",
    SLIPWAY_PROJECT: LOCAL_PROJECT,
    SLIPWAY_LOCATION: LOCAL_LOCATION,
    SLIPWAY_DATABASE: LOCAL_DATABASE,
    SLIPWAY_VIEWERS: `user:${LOCAL_PEOPLE.viewer}`,
    SLIPWAY_DEPLOYERS: `user:${LOCAL_PEOPLE.deployer}`,
    SLIPWAY_APPROVERS: `user:${LOCAL_PEOPLE.approver}`,
    SLIPWAY_ONCALL: `user:${LOCAL_PEOPLE.oncall}`,
    SLIPWAY_OWNERS: Object.entries(LOCAL_OWNERS)
      .map(([owner, principal]) => `${owner}=${principal}`)
      .join(","),
    SLIPWAY_AUDIENCES: `http://127.0.0.1:${ports.api}`,
    SLIPWAY_PEOPLE_AUDIENCES: GCLOUD_AUDIENCE,
    SLIPWAY_EDGE: "checked",
    SLIPWAY_PUSH_ACCOUNTS: LOCAL_EVENTS_ACCOUNT,
    SLIPWAY_SLACK_SIGNING_SECRET: `projects/${LOCAL_PROJECT}/secrets/${LOCAL_SLACK.secrets.signing}`,
    SLIPWAY_SLACK_TOKEN: `projects/${LOCAL_PROJECT}/secrets/${LOCAL_SLACK.secrets.token}`,
    SLIPWAY_SLACK_TEAM: LOCAL_SLACK.team,
  };
}

/** The part of it that no installation sets: where the local cloud is, and whom it believes. */
export function endpointsEnvironment(
  ports: Readonly<Record<Endpoint, number>>,
  trustedRoot: string,
): Readonly<Record<string, string>> {
  const url = (endpoint: Endpoint): string => `http://127.0.0.1:${ports[endpoint]}`;
  const address = (endpoint: Endpoint): string => `127.0.0.1:${ports[endpoint]}`;
  return {
    // Google's clients look for a metadata server unless they are told that there is none.
    METADATA_SERVER_DETECTION: "none",
    GOOGLE_CLOUD_PROJECT: LOCAL_PROJECT,
    SLIPWAY_ISSUERS: url("identity"),
    SLIPWAY_JWKS_URL: `${url("identity")}/certs`,
    SLIPWAY_TRUSTED_ROOT: trustedRoot,
    // Nothing like Identity-Aware Proxy stands before the pages here: they ask who one is.
    SLIPWAY_SIGN_IN_AS: Object.values(LOCAL_PEOPLE).join(","),
    SLIPWAY_CLOUD_IDENTITY_ENDPOINT: url("identity"),
    SLIPWAY_CLOUD_DEPLOY_ENDPOINT: address("cloudDeploy"),
    SLIPWAY_ARTIFACT_REGISTRY_ENDPOINT: address("registry"),
    SLIPWAY_CLOUD_RUN_ENDPOINT: address("cloudRun"),
    SLIPWAY_FIRESTORE_ENDPOINT: address("firestore"),
    SLIPWAY_PUBSUB_ENDPOINT: address("pubsub"),
    SLIPWAY_SECRET_MANAGER_ENDPOINT: address("secretManager"),
    SLIPWAY_CLOUD_SQL_ENDPOINT: url("cloudSql"),
    SLIPWAY_GKE_BACKUP_ENDPOINT: url("gkeBackup"),
    SLIPWAY_MONITORING_ENDPOINT: url("monitoring"),
    SLIPWAY_LOAD_BALANCER_ENDPOINT: url("loadBalancer"),
    SLIPWAY_SLACK_ENDPOINT: `${url("slack")}/api/`,
  };
}
