import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import type { Release } from "../../shared/domain/release.ts";
import { actorOf, may, serviceNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { toRequestError } from "./errors.ts";
import { needTo, permitAll } from "./needs.ts";
import { releaseNamed } from "./named-releases.ts";

/** Marks a release bad, or takes that away, if the caller may. @throws RequestError */
export async function markNamed(
  context: RequestContext,
  named: { readonly service: string; readonly release: string },
  how: { readonly isBad: boolean; readonly reason: string },
): Promise<Release> {
  const seen = await serviceNamed(context, named.service);
  const { service } = seen.state;
  const release = await releaseNamed(context, seen, named.release);
  const by = actorOf(context);
  // Whether on-call's mark is taken away is decided with the mark as it is by then, in words of its own.
  await permitAll(context, how.isBad ? needTo.mark(service) : needTo.unmark(service, null));
  const asOncall = await may(context, { right: "overrule", service, where: "whole" });
  const event = { kind: "release-marked" as const, release: release.id, by, asOncall, ...how };
  const { reply } = await decideOnlySeen(context.get("wiring").ports, seen, [event]);
  if (reply.kind === "refused") {
    throw toRequestError(reply.refusal);
  }
  return releaseNamed(context, seen, release.id);
}
