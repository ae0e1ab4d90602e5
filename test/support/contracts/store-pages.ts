import type { HistoryWrites, Page, PageRequest, Store } from "../../../shared/ports/store.ts";
import { aDemandingService, anAggregate, NO_HISTORY } from "./samples.ts";

const WEB = aDemandingService("web");

/** Writes history of a service, beside its aggregate as it is. */
export async function write(
  store: Store,
  history: Partial<HistoryWrites>,
  service = WEB,
): Promise<void> {
  const images = (history.releases ?? []).map(({ image }) => image);
  await store.transact(
    service.id,
    () => [],
    (aggregate) => ({
      write: {
        aggregate: aggregate ?? anAggregate(service),
        history: { ...NO_HISTORY, images, ...history },
      },
      value: null,
    }),
  );
}

const PAGES_MAX = 20;

/** Every page of a list. */
export async function allPages<Item>(
  read: (request: PageRequest) => Promise<Page<Item>>,
  pageSize: number,
): Promise<readonly (readonly Item[])[]> {
  const pages: (readonly Item[])[] = [];
  let pageToken = "";
  do {
    const page = await read({ pageSize, pageToken });
    pages.push(page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && pages.length < PAGES_MAX);
  return pages;
}
