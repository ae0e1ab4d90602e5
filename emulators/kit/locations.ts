import type { Rules } from "./access/rules.ts";
import { needs } from "./access/rules.ts";
import { type Api, operation } from "./call.ts";
import { badRequest } from "./google-error.ts";
import { toRoutes } from "./http-rule.ts";

/**
 * Some of Google's regions. The emulators take any: a list is only what people are offered.
 * Source: https://cloud.google.com/about/locations
 */
const REGIONS = [
  "asia-northeast1",
  "asia-southeast1",
  "australia-southeast1",
  "europe-north1",
  "europe-west1",
  "europe-west3",
  "europe-west4",
  "northamerica-northeast1",
  "southamerica-east1",
  "us-central1",
  "us-east1",
  "us-west1",
];

/**
 * The locations of an API: gcloud lists them on its way, as where it looks for a region that was mistyped.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/cloud/location/locations.proto
 */
export const LOCATIONS: Api = {
  protos: "google-gax/build/protos/locations.json",
  service: "google.cloud.location.Locations",
  unary: {
    ListLocations: operation<{ readonly name?: string }>(({ name = "" }) => {
      if (!/^projects\/[^/]+$/.test(name)) {
        throw badRequest("name", `name must be projects/{project}, not "${name}"`);
      }
      const named = REGIONS.map((region) => [`${name}/locations/${region}`, region] as const);
      return { locations: named.map(([location, locationId]) => ({ name: location, locationId })) };
    }),
  },
  routes: {
    ListLocations: toRoutes("GET", "/{name=projects/*}/locations"),
    GetLocation: toRoutes("GET", "/{name=projects/*/locations/*}"),
  },
};

/** What callers of an API need to read its locations. `service` is such as `run.googleapis.com`. */
export function locationRules(service: string): Rules {
  const [api = ""] = service.split(".");
  return { ListLocations: needs(`${api}.locations.list`, "name") };
}
