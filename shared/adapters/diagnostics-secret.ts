import type { protos } from "@google-cloud/run";
import type { Environment } from "../domain/service.ts";
import { servingContainer } from "./cloud-run.ts";
import type { SecretReader } from "./secret-reader.ts";

type ISecretKeySelector = protos.google.cloud.run.v2.ISecretKeySelector;
type RunService = protos.google.cloud.run.v2.IService;

/** The variable of services whose diagnostics are not public; its value is the bearer token that they ask for. */
const DIAGNOSTICS = "DIAGNOSTICS_SECRET";
const NEWEST = "latest";

/**
 * The value of the running service's diagnostics variable, or an empty text. It is the running one's, whoever gave
 * it: the specification, Terraform, or a secret, which is named in the environment's project or in full.
 */
export async function diagnosticsSecret(
  { project }: Environment,
  { template }: RunService,
  read: SecretReader,
): Promise<string> {
  const { env } = servingContainer(template?.containers ?? []);
  const variable = env?.find(({ name }) => name === DIAGNOSTICS);
  const named = variable?.valueSource?.secretKeyRef ?? null;
  const value = named === null ? variable?.value : await valueOf(named, project, read);
  return (value ?? "").trim();
}

async function valueOf(
  { secret, version }: ISecretKeySelector,
  project: string,
  read: SecretReader,
): Promise<string | null> {
  const name = secret ?? "";
  const full = name.includes("/") ? name : `projects/${project}/secrets/${name}`;
  return read(full, version ?? NEWEST);
}
