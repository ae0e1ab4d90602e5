import { existsSync } from "node:fs";
import type { CanaryPlace } from "../platform/doctor/canary.ts";
import { registryOf } from "../platform/installation-file.ts";
import { openGoogle } from "../platform/kinds/google.ts";
import type { Registry } from "../platform/settings.ts";
import type { Api } from "./api.ts";
import { readInstallation } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import { localAccess } from "./local-access.ts";
import { findLocalFile } from "./local-file.ts";
import { listServices } from "./pages.ts";

/** Where a canary goes, and how it is taken away again. */
type Place = CanaryPlace & { readonly remove: (image: string) => Promise<void> };

/** The first registry of the installation's file, or that of a service's images; null when none is known. */
export async function canaryPlace(options: InstallOptions, api: Api): Promise<Place | null> {
  const registry = await findRegistry(options, api);
  if (registry === null) {
    return null;
  }
  const { project, location, repository } = registry;
  const local = await localAccess(project);
  const google = openGoogle({
    endpoints: local?.endpoints ?? {},
    localToken: local?.token ?? (() => Promise.resolve(null)),
    pause: () => Promise.resolve(),
  });
  const host = `${location}-docker.pkg.dev`;
  const path = `${project.replace(":", "/")}/${repository}`;
  const parent = `v1/projects/${project}/locations/${location}/repositories/${repository}`;
  return {
    url: local === null ? `https://${host}` : ((await localRegistry()) ?? `https://${host}`),
    path,
    repository: `${host}/${path}`,
    authorization: local === null ? await bearer() : null,
    remove: async (image) => {
      await google.find("artifactregistry", {
        method: "DELETE",
        path: `${parent}/packages/${image}`,
      });
    },
  };
}

async function findRegistry(options: InstallOptions, api: Api): Promise<Registry | null> {
  const written = existsSync(options.file) ? (await readInstallation(options)).registries[0] : null;
  if (written !== undefined && written !== null) {
    return written;
  }
  const services = await listServices(api);
  return services.map(({ image }) => registryOf(image)).find((found) => found !== null) ?? null;
}

async function localRegistry(): Promise<string | null> {
  const local = await findLocalFile(process.cwd());
  return local === null ? null : `http://${local.endpoints.artifactRegistry}`;
}

/** Source: https://cloud.google.com/artifact-registry/docs/docker/authentication#token */
async function bearer(): Promise<string> {
  const { GoogleAuth } = await import("google-auth-library");
  const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
  return `Bearer ${(await auth.getAccessToken()) ?? ""}`;
}
