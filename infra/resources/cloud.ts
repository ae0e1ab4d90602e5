import type { CloudDeployClient } from "@google-cloud/deploy";
import type { JobsClient, ServicesClient } from "@google-cloud/run";
import type { CloudSchedulerClient } from "@google-cloud/scheduler";
import type { Storage } from "@google-cloud/storage";
import { HttpFailure } from "../../shared/adapters/google-errors.ts";
import { endpointOptions, lazily } from "../../shared/adapters/grpc-endpoint.ts";
import { restClient } from "../../shared/adapters/rest-client.ts";
import type { RestClient } from "../../shared/adapters/rest-client.ts";
import { callOutside } from "../../shared/adapters/outside-call.ts";

/** Where the APIs are; null means Google's own. */
export type CloudEndpoints = {
  /** `HOST:PORT` of a gRPC server without TLS. */
  readonly cloudDeploy: string | null;
  /** `http://HOST:PORT` */
  readonly storage: string | null;
  /** `HOST:PORT` of a gRPC server without TLS, which answers REST too. */
  readonly cloudRun: string | null;
  /** `HOST:PORT` of a gRPC server without TLS. */
  readonly scheduler: string | null;
  /** `http://HOST:PORT` */
  readonly monitoring: string | null;
};

/** The clients that resources are read and made with. Each is opened when it is first asked for. */
export type Cloud = {
  readonly endpoints: CloudEndpoints;
  readonly deploy: () => Promise<CloudDeployClient>;
  readonly storage: () => Promise<Storage>;
  readonly run: () => Promise<{ readonly services: ServicesClient; readonly jobs: JobsClient }>;
  readonly scheduler: () => Promise<CloudSchedulerClient>;
  readonly monitoring: RestClient;
  /** Closes what was opened. */
  readonly close: () => Promise<void>;
};

/** Opens the clients of a project. */
export function openCloud(endpoints: CloudEndpoints, project: string): Cloud {
  const opened: { readonly close: () => Promise<unknown> }[] = [];
  return {
    endpoints,
    deploy: lazily(async () => {
      const { CloudDeployClient: Opened } = await import("@google-cloud/deploy");
      const client = new Opened(await endpointOptions(endpoints.cloudDeploy));
      opened.push(client);
      return client;
    }),
    storage: lazily(async () => {
      const { Storage: Opened } = await import("@google-cloud/storage");
      return new Opened({
        projectId: project,
        // `callOutside` repeats what failed, and bounds it.
        retryOptions: { autoRetry: false },
        ...(endpoints.storage !== null && { apiEndpoint: endpoints.storage }),
      });
    }),
    run: lazily(async () => {
      const library = await import("@google-cloud/run");
      const options = await endpointOptions(endpoints.cloudRun);
      const services = new library.ServicesClient(options);
      const jobs = new library.JobsClient(options);
      opened.push(services, jobs);
      return { services, jobs };
    }),
    scheduler: lazily(async () => {
      const { CloudSchedulerClient: Opened } = await import("@google-cloud/scheduler");
      const client = new Opened(await endpointOptions(endpoints.scheduler));
      opened.push(client);
      return client;
    }),
    monitoring: restClient({
      endpoint: endpoints.monitoring,
      service: "https://monitoring.googleapis.com",
      scope: "https://www.googleapis.com/auth/monitoring",
    }),
    close: async () => {
      await Promise.all(opened.map((client) => client.close()));
    },
  };
}

/**
 * Makes a call to Cloud Storage, whose client tells failures by HTTP status.
 * @throws TransientError or PermanentError
 */
export async function callStorage<Value>(
  resource: string,
  act: () => Promise<Value>,
): Promise<Value> {
  return callOutside(resource, async () => {
    try {
      return await act();
    } catch (error) {
      throw toHttpFailure(error);
    }
  });
}

function toHttpFailure(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? Number(error.code) : Number.NaN;
  return error instanceof Error && Number.isInteger(code)
    ? new HttpFailure(code, { status: null, message: error.message })
    : error;
}
