import { expect } from "vitest";
import { AuditList } from "../../shared/wire/api/schemas.ts";
import { PEOPLE } from "../support/api-world.ts";
import type { Answer, ApiWorld } from "../support/api-world.ts";
import { imageOf, smallSpec } from "../support/local-spec.ts";

/** Continuous integration's account, as `RELEASER` names it. */
export const CI = "ci@web-ci.iam.gserviceaccount.com";

/** The specification of `web`, with an account that may make releases. */
export const RELEASER = smallSpec("web").replace("rollout:", `rollout:\n  serviceAccount: ${CI}`);

/** Where the resources of a specification are. */
export function placementOf(revision = "0a1b2c", id = "web"): object {
  const source = `gs://slipway-sources/services/${id}/${revision}.tar.gz`;
  return { revision, source, pipelineProject: "slipway", manages: "service" };
}

/** How a specification is sent; `web` with its first revision unless said otherwise. */
export type Sent = {
  readonly revision?: string;
  readonly validateOnly?: boolean;
  readonly id?: string;
};

/** Sends a specification as somebody: a person of the tests by their role, or whoever has an address. */
export async function put(
  api: ApiWorld,
  who: string,
  specification: string,
  { revision, validateOnly, id = "web" }: Sent = {},
): Promise<Answer> {
  const email = new Map<string, string>(Object.entries(PEOPLE)).get(who) ?? who;
  return api.callAs(email, `PUT /v1/services/${id}`, {
    specification,
    placement: placementOf(revision, id),
    ...(validateOnly === undefined ? {} : { validateOnly }),
  });
}

/** The kinds of a service's records, in their order. */
export async function kindsOf(api: ApiWorld, id = "web"): Promise<readonly string[]> {
  const { body } = await api.call("viewer", `GET /v1/audit?service=${id}`);
  return AuditList.parse(body).records.map(({ kind }) => kind);
}

/** Matches a list that has an item with these parts. */
export function listWith(parts: object): unknown {
  return expect.arrayContaining([expect.objectContaining(parts)]);
}

/** The specification of `docs` with the image of `web`, and lines of YAML at its end. */
export function docsWithImageOfWeb(end: string): string {
  return smallSpec("docs").replace(imageOf("docs"), imageOf("web")) + end;
}
