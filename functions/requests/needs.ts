import type { HeldBy } from "../../shared/app/holds.ts";
import type { Hold, HoldScope } from "../../shared/domain/hold.ts";
import type { BadMark } from "../../shared/domain/image.ts";
import type { Question } from "../../shared/domain/rights/question.ts";
import type { Right } from "../../shared/domain/rights/table.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { findEnvironment } from "../../shared/domain/state.ts";
import { may, permit } from "./context.ts";
import type { RequestContext } from "./context.ts";

/** What it takes to do something: every one of these rights. */
export type Need = readonly Question[];

/** An environment of a service. */
export type Place = { readonly service: Service; readonly environment: Environment };

/** What is held: a service or a part of it; no service stands for everything. */
type Held = { readonly scope: HoldScope; readonly service: Service | null };

/**
 * What each act takes. The button for it, its page and the call that does it ask for the same, so that nobody is shown
 * what they would be refused.
 */
export const needTo = {
  promote: (place: Place): Need => [inPlace("promote", place)],
  retry: (place: Place): Need => [inPlace("promote", place)],
  /** Who takes a release into an environment also finishes what it began there. */
  migrate: (place: Place): Need => [inPlace("promote", place)],
  breakGlass: (place: Place): Need => [inPlace("break-glass", place)],
  cancel: (place: Place): Need => [inPlace("cancel", place)],
  approve: (place: Place): Need => [inPlace("approve", place)],
  rollBack: (place: Place): Need => [inPlace("roll-back", place)],
  /** Data that leaves its environment takes a right there as well: it may be seen by more people where it goes. */
  restore: ({ service, from, into }: Copied): Need => [
    { right: "restore", service, where: into },
    ...(from.id === into.id ? [] : [{ right: "copy" as const, service, where: from }]),
  ],
  hold: (held: Held): Need => [stopOf(held)],
  /** What on-call holds only on-call lets go. */
  lift: ({ hold, service }: Pick<HeldBy, "service"> & { readonly hold: Hold }): Need => {
    const held = { scope: hold.scope, service };
    return [stopOf(held), ...(hold.asOncall ? [overruleOf(held)] : [])];
  },
  /** A mark stops a release everywhere: whoever found out may make it. */
  mark: (service: Service): Need => [{ right: "stop", service, where: "anywhere" }],
  /** Taking it away is for those who act where it matters; what on-call marked only on-call takes back. */
  unmark: (service: Service, bad: BadMark | null): Need => [
    { right: "stop", service, where: "whole" },
    ...(bad?.asOncall === true
      ? [{ right: "overrule" as const, service, where: "whole" as const }]
      : []),
  ],
};

type Copied = {
  readonly service: Service;
  readonly from: Environment;
  readonly into: Environment;
};

/** What the caller needs to take a release there: whoever may only break the glass does so with every promotion. */
export async function needToEnter(context: RequestContext, place: Place): Promise<Need> {
  const [promote, breakGlass] = [needTo.promote(place), needTo.breakGlass(place)];
  const [mayPromote, canBreak] = await Promise.all([
    mayDo(context, promote),
    mayDo(context, breakGlass),
  ]);
  return !mayPromote && canBreak ? breakGlass : promote;
}

/** Whether the caller may do it. */
export async function mayDo(context: RequestContext, need: Need): Promise<boolean> {
  const answers = await Promise.all(need.map(async (question) => may(context, question)));
  return answers.every(Boolean);
}

/** @throws RequestError PERMISSION_DENIED when the caller may not do it. Only about what they may read. */
export async function permitAll(context: RequestContext, need: Need): Promise<void> {
  await Promise.all(need.map(async (question) => permit(context, question)));
}

/** Whether the caller acts as on-call there, and so undoes what on-call stopped. */
export function overruleOf(held: Held): Question {
  return askAbout(held, { within: "overrule", all: "overrule-all" });
}

function stopOf(held: Held): Question {
  return askAbout(held, { within: "stop", all: "stop-all" });
}

function askAbout(
  { scope, service }: Held,
  { within, all }: { readonly within: Right; readonly all: "stop-all" | "overrule-all" },
): Question {
  if (service === null || scope.kind === "all") {
    return { right: all };
  }
  // An environment that the service no longer has is held like the service.
  const where =
    (scope.kind === "environment" ? findEnvironment(service, scope.environment) : null) ?? "whole";
  return { right: within, service, where };
}

function inPlace(right: Right, { service, environment }: Place): Question {
  return { right, service, where: environment };
}
