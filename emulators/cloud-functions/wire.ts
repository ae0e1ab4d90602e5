/** The descriptors of the API. */
export const PROTOS = "@google-cloud/functions/build/protos/protos.json";

/** Where an archive is. */
export type StorageSource = {
  readonly bucket?: string;
  readonly object?: string;
  readonly generation?: string;
};

/** google.cloud.functions.v2.Function as far as it is looked at; other fields are kept as they are. */
export type FunctionInput = {
  readonly name?: string;
  readonly description?: string;
  readonly environment?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly buildConfig?: BuildConfig;
  readonly serviceConfig?: ServiceConfig;
  readonly eventTrigger?: object;
};

/** How it is built. */
export type BuildConfig = {
  readonly runtime?: string;
  readonly entryPoint?: string;
  readonly source?: { readonly storageSource?: StorageSource };
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  /** `projects/P/locations/L/repositories/R` for the container. */
  readonly dockerRepository?: string;
};

/** How it runs. */
export type ServiceConfig = {
  readonly environmentVariables?: Readonly<Record<string, string>>;
  readonly serviceAccountEmail?: string;
  readonly timeoutSeconds?: number;
  readonly availableMemory?: string;
  readonly availableCpu?: string;
  readonly maxInstanceCount?: number;
  readonly minInstanceCount?: number;
  readonly maxInstanceRequestConcurrency?: number;
  readonly ingressSettings?: string;
};
