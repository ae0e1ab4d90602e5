import type { z } from "zod";
import { HeadList, ServiceList } from "../../shared/wire/api/schemas.ts";
import type { ChannelView } from "../../shared/wire/api/channel-schema.ts";
import type { HeadView, ServiceView } from "../../shared/wire/api/schemas.ts";
import type { Api } from "./api.ts";
import { pathOf } from "./api.ts";

const PAGE_SIZE = 200;
const PAGES_MAX = 500;

/** A service as the API shows it. */
export type Service = z.output<typeof ServiceView>;

/** The end of a chain of records as the API shows it. */
export type Head = z.output<typeof HeadView>;

/** Every service, page by page. @throws CliError */
export async function listServices(api: Api): Promise<readonly Service[]> {
  return everyItem(api, pathOf("services"), {
    schema: ServiceList,
    items: (page) => page.services,
  });
}

/** A channel that takes no notices as the API shows it. */
export type Channel = z.output<typeof ChannelView>;

/** The installation's own channels that take nothing. @throws CliError */
export async function listOwnChannels(api: Api): Promise<readonly Channel[]> {
  return (await api.get(`${pathOf("services")}?pageSize=1`, ServiceList)).channels;
}

/** Where each chain ends that the caller may read, page by page. @throws CliError */
export async function listHeads(api: Api): Promise<readonly Head[]> {
  return everyItem(api, pathOf("audit", "heads"), {
    schema: HeadList,
    items: (page) => page.heads,
  });
}

type Paged = z.ZodType<{ readonly nextPageToken: string }>;

type Listed<Schema extends Paged, Item> = {
  readonly schema: Schema;
  readonly items: (page: z.output<Schema>) => readonly Item[];
};

async function everyItem<Schema extends Paged, Item>(
  api: Api,
  path: string,
  { schema, items }: Listed<Schema, Item>,
): Promise<readonly Item[]> {
  const all: Item[] = [];
  let pageToken = "";
  for (let count = 0; count < PAGES_MAX; count += 1) {
    const query = new URLSearchParams({ pageSize: String(PAGE_SIZE), pageToken }).toString();
    const page = await api.get(`${path}?${query}`, schema);
    all.push(...items(page));
    pageToken = page.nextPageToken;
    if (pageToken === "") {
      break;
    }
  }
  return all;
}
