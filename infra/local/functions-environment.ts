import { COMPILED } from "../cli/compiled.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_DATABASE, LOCAL_PEOPLE, LOCAL_PROJECT } from "./settings.ts";

/** The part of the functions' environment that no installation sets: where the local cloud is, and whom it believes. */
export function endpointsEnvironment(
  ports: Readonly<Record<Endpoint, number>>,
  files: { readonly trustedRoot: string; readonly clock: string },
): Readonly<Record<string, string>> {
  const url = (endpoint: Endpoint): string => `http://127.0.0.1:${ports[endpoint]}`;
  const address = (endpoint: Endpoint): string => `127.0.0.1:${ports[endpoint]}`;
  return {
    // Google's clients look for a metadata server unless they are told that there is none.
    METADATA_SERVER_DETECTION: "none",
    GOOGLE_CLOUD_PROJECT: LOCAL_PROJECT,
    SLIPWAY_ISSUERS: url("identity"),
    SLIPWAY_JWKS_URL: `${url("identity")}/certs`,
    SLIPWAY_TRUSTED_ROOT: files.trustedRoot,
    SLIPWAY_CLOCK: files.clock,
    // Nothing like Identity-Aware Proxy stands before the pages here: they ask who one is.
    SLIPWAY_SIGN_IN_AS: Object.values(LOCAL_PEOPLE).join(","),
    // Whoever tries a webhook out has it on this machine.
    SLIPWAY_WEBHOOK_REACH: "anywhere",
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
    SLIPWAY_GITHUB_ENDPOINT: url("github"),
  };
}

/** Variables of whoever starts the local cloud that its functions get: where their traces go. */
const HANDED_ON = ["SLIPWAY_OTLP_ENDPOINT", "SLIPWAY_OTLP_HEADERS"];

/** The part of an environment that is handed on to the functions. */
export function handedOn(
  inherited: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    HANDED_ON.flatMap((name) => (inherited[name] === undefined ? [] : [[name, inherited[name]]])),
  );
}

/** The environment of whoever installs into the local cloud. */
export function installEnvironment(
  endpoints: Readonly<Record<string, string>>,
  inherited: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return {
    ...endpoints,
    PATH: inherited["PATH"] ?? "",
    HOME: inherited["HOME"] ?? "",
    NODE_COMPILE_CACHE: COMPILED,
    SLIPWAY_PROJECT: LOCAL_PROJECT,
    SLIPWAY_DATABASE: LOCAL_DATABASE,
  };
}
