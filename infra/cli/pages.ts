import type { z } from "zod";
import { ServiceList } from "../../shared/wire/api/schemas.ts";
import type { ServiceView } from "../../shared/wire/api/schemas.ts";
import type { Api } from "./api.ts";
import { pathOf } from "./api.ts";

const PAGE_SIZE = 200;
const PAGES_MAX = 500;

/** A service as the API shows it. */
export type Service = z.output<typeof ServiceView>;

/** Every service, page by page. @throws CliError */
export async function listServices(api: Api): Promise<readonly Service[]> {
  const services: Service[] = [];
  let pageToken = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query = new URLSearchParams({ pageSize: String(PAGE_SIZE), pageToken }).toString();
    const answer = await api.get(`${pathOf("services")}?${query}`, ServiceList);
    services.push(...answer.services);
    pageToken = answer.nextPageToken;
    if (pageToken === "") {
      break;
    }
  }
  return services;
}
