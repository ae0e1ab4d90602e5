import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { UnreadableError } from "../../shared/ports/errors.ts";
import { permit, serviceNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";

/**
 * The chain of a service, or that of what concerns none, if the caller may read it.
 * @throws RequestError
 */
export async function chainNamed(
  context: RequestContext,
  service: string | undefined,
): Promise<string> {
  if (service === undefined || service === SYSTEM_CHAIN) {
    await permit(context, { right: "read-all" });
    return SYSTEM_CHAIN;
  }
  try {
    const { state } = await serviceNamed(context, service);
    return state.service.id;
  } catch (error) {
    // The record of a service that cannot be read is there all the same.
    if (error instanceof UnreadableError) {
      return service;
    }
    throw error;
  }
}

/** So many records of a chain, and after which number there are more; null when there are none. */
export async function readRecords(
  context: RequestContext,
  chain: string,
  { after, count }: { readonly after: number; readonly count: number },
): Promise<{ readonly records: readonly AuditRecord[]; readonly next: number | null }> {
  const found = await context.get("wiring").ports.store.records(chain, after, count + 1);
  const records = found.slice(0, count);
  const last = records.at(-1);
  const next = found.length > records.length && last !== undefined ? last.sequence : null;
  return { records, next };
}
