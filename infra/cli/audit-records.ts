import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { ShownRecord } from "../../shared/adapters/canonical-hash.ts";
import { AuditList } from "../../shared/wire/api/schemas.ts";
import { pathOf } from "./api.ts";
import type { Api } from "./api.ts";

const PAGE_SIZE = 1000;

/** The records of a chain after a number, page by page, until there are none. @throws CliError */
export async function* recordsAfter(
  api: Api,
  chain: string,
  after: number,
): AsyncGenerator<readonly ShownRecord[]> {
  let last = after;
  for (;;) {
    const page = await readPage(api, chain, last);
    const newest = page.at(-1);
    if (newest === undefined) {
      return;
    }
    yield page;
    // Whatever the API says: the walk ends, because the number only grows.
    last = Math.max(last + 1, newest.sequence);
  }
}

async function readPage(api: Api, chain: string, after: number): Promise<readonly ShownRecord[]> {
  const query = new URLSearchParams({ after: String(after), pageSize: String(PAGE_SIZE) });
  if (chain !== SYSTEM_CHAIN) {
    query.set("service", chain);
  }
  const { records } = await api.get(`${pathOf("audit")}?${query.toString()}`, AuditList);
  return records;
}
