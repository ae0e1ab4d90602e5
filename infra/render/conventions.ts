import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { dnsNameOf } from "../../shared/wire/spec/dns-name.ts";
import { fillTemplate } from "../../shared/wire/spec/template/fill-template.ts";
import type { Place } from "./place.ts";
import { accountAddress } from "../resources/account-address.ts";
import { entryOf } from "../../shared/domain/entry-of.ts";

/*
 * What the Managed Services Platform gives every service, and what follows from the file by its conventions: the
 * same file means the same service here.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform: stacks/iam,
 * stacks/cloudrun, builder/service.go)
 */

/** The variable whose value health checks carry as a bearer token. */
export const DIAGNOSTICS = "DIAGNOSTICS_SECRET";

const ACCOUNT_SUFFIX = ".gserviceaccount.com";
const CERTIFICATES = "/etc/ssl/certs";

/** The account that instances run as: the one that `runtime` names, or `<service>-sa` of the environment's project. */
export function accountOf({ spec, environment: { id, project } }: Place): string {
  return runtimeAccount(spec, { id, project });
}

/** The same for an environment as it is written. */
export function runtimeAccount(
  { service, delivery }: ServiceSpec,
  { id, project }: { readonly id: string; readonly project: string },
): string {
  const named = entryOf(delivery.environments, id)?.runtime?.serviceAccount;
  return named ?? accountAddress(project, `${service.id}-sa`);
}

/** The variables that the platform sets, as far as they follow from the file. */
export function conventionalVariables(place: Place): Readonly<Record<string, string>> {
  const { service, written, environment } = place;
  const dnsName = dnsNameOf(written);
  const { postgreSQL, bigQueryDataset } = written.resources ?? {};
  return {
    MSP: "true",
    ENVIRONMENT_ID: environment.id,
    GOOGLE_CLOUD_PROJECT: environment.project,
    SSL_CERT_DIR: CERTIFICATES,
    ...(dnsName !== "" && { EXTERNAL_DNS_NAME: dnsName }),
    // Cloud SQL's user of an account is its address without the last part.
    ...(postgreSQL !== undefined && { PGUSER: accountOf(place).replace(ACCOUNT_SUFFIX, "") }),
    ...(bigQueryDataset !== undefined && {
      BIGQUERY_PROJECT_ID: bigQueryDataset.projectID ?? environment.project,
      BIGQUERY_DATASET_ID: bigQueryDataset.datasetID ?? service.id.replaceAll("-", "_"),
    }),
  };
}

/** The variables of the specification with its templates filled in. */
export function writtenVariables({
  written,
  environment,
}: Place): Readonly<Record<string, string>> {
  const values = { ProjectID: environment.project, ServiceDnsName: dnsNameOf(written) };
  return Object.fromEntries(
    Object.entries(written.env).map(([name, value]) => [name, fillTemplate(value, values)]),
  );
}

/** How a service's diagnostics are guarded: openly, by a value in the specification, or by a secret. */
export type Diagnostics =
  | { readonly kind: "open" }
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "secret"; readonly secret: string };

/** How the environment's diagnostics are guarded. Where the specification has it twice, the secret is meant. */
export function diagnosticsOf(place: Place): Diagnostics {
  const secret = place.written.secretEnv[DIAGNOSTICS];
  const value = writtenVariables(place)[DIAGNOSTICS] ?? "";
  if (secret !== undefined) {
    return { kind: "secret", secret };
  }
  return value === "" ? { kind: "open" } : { kind: "value", value };
}
