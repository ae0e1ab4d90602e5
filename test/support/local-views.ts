import type { z } from "zod";
import {
  AuditList,
  PromotionList,
  PromotionView,
  ReleaseList,
  ServiceView,
  TimelineList,
} from "../../shared/wire/api/schemas.ts";
import type { LocalWorld } from "./local-world.ts";
import { until } from "./until.ts";

type Shown<Schema extends z.ZodType> = z.output<Schema>;
type Promotion = Shown<typeof PromotionView>;

const PAGE_SIZE = 100;

/** The final states of a promotion. */
const ENDED: ReadonlySet<string> = new Set([
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
  "REJECTED",
  "SUPERSEDED",
  "ROLLED_BACK",
]);

/** A service as the API shows it to a viewer. */
export async function readService(
  world: LocalWorld,
  id: string,
): Promise<Shown<typeof ServiceView>> {
  return get(world, ServiceView, `/v1/services/${id}`);
}

/** The tags that run in a service's environments, in their order; null where nothing does. */
export async function readTags(world: LocalWorld, id: string): Promise<readonly (string | null)[]> {
  const { environments } = await readService(world, id);
  return environments.map(({ current }) => current?.tag ?? null);
}

/** Every release of a service, newest first. */
export async function readReleases(
  world: LocalWorld,
  id: string,
): Promise<Shown<typeof ReleaseList>["releases"]> {
  return pages(world, ReleaseList, `/v1/services/${id}/releases?`, ({ releases }) => releases);
}

/** Every promotion of a service, newest first. */
export async function readPromotions(world: LocalWorld, id: string): Promise<readonly Promotion[]> {
  const path = `/v1/services/${id}/promotions?`;
  return pages(world, PromotionList, path, ({ promotions }) => promotions);
}

/** The whole timeline of a service, newest first. */
export async function readTimeline(
  world: LocalWorld,
  id: string,
): Promise<Shown<typeof TimelineList>["entries"]> {
  return pages(world, TimelineList, `/v1/services/${id}/timeline?`, ({ entries }) => entries);
}

/** Every record of a chain, in order. */
export async function readRecords(
  world: LocalWorld,
  chain: string,
): Promise<Shown<typeof AuditList>["records"]> {
  return pages(world, AuditList, `/v1/audit?service=${chain}&`, ({ records }) => records);
}

/** Asks for a promotion as the deployer and gives it as it is taken up. @throws Error when it is refused. */
export async function promote(
  world: LocalWorld,
  id: string,
  environment: string,
): Promise<Promotion> {
  const line = `POST /v1/services/${id}/environments/${environment}:promote`;
  const { status, body } = await world.call("deployer", line, {});
  if (status !== 202) {
    throw new Error(`${line} answered ${status}: ${JSON.stringify(body)}`);
  }
  return PromotionView.parse(body);
}

/** Waits until a promotion has ended, and gives it. */
export async function promotionEnds(world: LocalWorld, id: string): Promise<Promotion> {
  return until(
    `promotion ${id} ends`,
    async () => get(world, PromotionView, `/v1/promotions/${id}`),
    ({ state }) => ENDED.has(state),
  );
}

/** Waits until a tag runs in an environment. */
export async function tagArrives(
  world: LocalWorld,
  id: string,
  place: { readonly environment: string; readonly tag: string },
): Promise<void> {
  await until(
    `${place.tag} of ${id} is in ${place.environment}`,
    async () => readService(world, id),
    ({ environments }) =>
      environments.some(
        ({ id: name, current }) => name === place.environment && current?.tag === place.tag,
      ),
  );
}

/** Waits until no promotion of a service is under way, and gives them all, newest first. */
export async function allEnd(
  world: LocalWorld,
  id: string,
  deadlineMs?: number,
): Promise<readonly Promotion[]> {
  return until(
    `every promotion of ${id} ends`,
    async () => readPromotions(world, id),
    (promotions) => promotions.every(({ state }) => ENDED.has(state)),
    deadlineMs,
  );
}

async function get<Schema extends z.ZodType>(
  world: LocalWorld,
  schema: Schema,
  path: string,
): Promise<z.output<Schema>> {
  const { status, body } = await world.call("viewer", `GET ${path}`);
  if (status !== 200) {
    throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
  }
  return schema.parse(body);
}

async function pages<List extends { readonly nextPageToken: string }, Item>(
  world: LocalWorld,
  schema: z.ZodType<List>,
  path: string,
  pick: (list: List) => readonly Item[],
): Promise<Item[]> {
  const items: Item[] = [];
  let pageToken = "";
  do {
    const page = `${path}pageSize=${PAGE_SIZE}&pageToken=${encodeURIComponent(pageToken)}`;
    const list: List = await get(world, schema, page);
    items.push(...pick(list));
    pageToken = list.nextPageToken;
  } while (pageToken !== "");
  return items;
}
