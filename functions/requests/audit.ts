import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
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
