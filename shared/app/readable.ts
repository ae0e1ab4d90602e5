import type { Service } from "../domain/service.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ListedService, Page, PageRequest } from "../ports/store.ts";
import { hasRight } from "./rights.ts";
import type { RightsDesk } from "./rights.ts";

/** How many services are looked at in one go for a caller who may not read all of them. */
const LOOK_PAGE_SIZE = 50;

/** How often one call looks at most. */
const LOOKS_MAX = 400;

/** The keys that the services must have which are looked for; left out: all are. */
type Having = { readonly having?: readonly string[] };

/** Whether a caller may read a service. */
export async function mayRead(desk: RightsDesk, service: Service): Promise<boolean> {
  return hasRight(desk, { right: "read", service, where: "anywhere" });
}

/**
 * A page of the services that a caller may read. Those that they may not leave no trace: no place in a page, and
 * neither a token that names one nor a token to a page on which nothing is left. Whoever may read all costs a read for
 * each service of the page; others also one for each service that is passed over.
 */
export async function listReadable(
  ports: DecidingPorts,
  desk: RightsDesk,
  { having = [], ...request }: PageRequest & Having,
): Promise<Page<ListedService>> {
  if (await hasRight(desk, { right: "read-all" })) {
    return ports.store.listServices({ ...request, having, inFlight: false });
  }
  const items: ListedService[] = [];
  let { pageToken } = request;
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    // Never more than there is room for: when the page is full, its last service is the last that was looked at.
    const pageSize = Math.min(request.pageSize - items.length, LOOK_PAGE_SIZE);
    const page = await ports.store.listServices({ pageSize, pageToken, having, inFlight: false });
    items.push(...(await readableOf(desk, page.items)));
    pageToken = page.nextPageToken;
    if (pageToken === "" || items.length >= request.pageSize) {
      break;
    }
  }
  const isMore =
    items.length >= request.pageSize && (await isAnyLeft(ports, desk, { pageToken, having }));
  return { items, nextPageToken: isMore ? pageToken : "" };
}

async function isAnyLeft(
  ports: DecidingPorts,
  desk: RightsDesk,
  { having = [], ...from }: Pick<PageRequest, "pageToken"> & Having,
): Promise<boolean> {
  let { pageToken } = from;
  for (let look = 1; look <= LOOKS_MAX && pageToken !== ""; look += 1) {
    const request = { pageSize: LOOK_PAGE_SIZE, pageToken, having, inFlight: false };
    const page = await ports.store.listServices(request);
    if ((await readableOf(desk, page.items)).length > 0) {
      return true;
    }
    pageToken = page.nextPageToken;
  }
  return false;
}

/** Whom a specification names that cannot be read is not known: it is shown to those who may read all. */
async function readableOf(
  desk: RightsDesk,
  services: readonly ListedService[],
): Promise<readonly ListedService[]> {
  const answers = await Promise.all(
    services.map(
      async (found) => found.kind === "readable" && mayRead(desk, found.seen.state.service),
    ),
  );
  return services.filter((_, index) => answers[index] === true);
}
