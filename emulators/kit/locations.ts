import type { Rules } from "./access/rules.ts";
import { needs } from "./access/rules.ts";
import { type Api, operation } from "./call.ts";
import { badRequest, googleError } from "./google-error.ts";
import { toRoutes } from "./http-rule.ts";
import { paginate } from "./page.ts";

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

const REGION = /^projects\/[^/]+\/locations\/([a-z]+-[a-z]+\d{1,2}|global)$/;
const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

type ListRequest = {
  readonly name?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
};

/**
 * The locations of an API: gcloud lists them on its way, as where it looks for a region that was mistyped.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/cloud/location/locations.proto
 */
export const LOCATIONS: Api = {
  protos: "google-gax/build/protos/locations.json",
  service: "google.cloud.location.Locations",
  unary: {
    ListLocations: operation<ListRequest>(({ name = "", ...request }) => {
      const { items, nextPageToken } = paginate(REGIONS, request, PAGE_LIMITS);
      return { locations: items.map((region) => locationIn(name, region)), nextPageToken };
    }),
    GetLocation: operation<{ readonly name?: string }>(({ name = "" }) => {
      const [, region = ""] = REGION.exec(name) ?? [];
      if (region === "") {
        throw googleError("NOT_FOUND", `Location ${name} was not found.`);
      }
      return locationIn(name.split("/").slice(0, 2).join("/"), region);
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
  return {
    ListLocations: needs(`${api}.locations.list`, "name"),
    GetLocation: needs(`${api}.locations.get`, "name"),
  };
}

function locationIn(project: string, locationId: string): object {
  if (!/^projects\/[^/]+$/.test(project)) {
    throw badRequest("name", `name must be projects/{project}, not "${project}"`);
  }
  return { name: `${project}/locations/${locationId}`, locationId };
}
