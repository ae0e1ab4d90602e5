import { serviceId } from "../domain/ids.ts";
import type { PromotionId } from "../domain/ids.ts";
import { cardOf } from "../domain/notices/card.ts";
import type { Card } from "../domain/notices/card.ts";
import type { Notice } from "../domain/notices/notice.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Release } from "../domain/release.ts";
import { environmentState, findPromotion } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import { entryOf } from "../domain/entry-of.ts";
import type { NoticeGround, NoticeMessage } from "../ports/notices.ts";
import type { SeenService } from "../ports/store.ts";
import { commitsBrought } from "./commits-brought.ts";
import type { NoticePorts } from "./notice-work.ts";

type Asked = {
  readonly notice: Notice;
  readonly seen: SeenService | null;
  readonly thread: string | null;
  readonly isFollowed: boolean;
  /** Whether the channel names the commits that a promotion brought. */
  readonly namesCommits: boolean;
};

/**
 * A notice as a channel gets it, with how its promotion stands now. Null when it need not be told: a promotion that
 * was taken back says so itself, and not also that it failed.
 */
export async function messageOf(
  ports: NoticePorts,
  { notice, seen, thread, isFollowed, namesCommits }: Asked,
): Promise<NoticeMessage | null> {
  const about = await groundOf(ports, seen, { id: notice.promotion, namesCommits });
  if (notice.kind === "failed" && about.promotion?.state === "ROLLED_BACK") {
    return null;
  }
  const card = cardIn(seen, about);
  const title = card?.title ?? placeOf(seen, notice);
  return { notice, title, card, about, page: pageOf(ports, seen, notice), thread, isFollowed };
}

function cardIn(seen: SeenService | null, { promotion, release }: NoticeGround): Card | null {
  return seen === null || promotion === null
    ? null
    : cardOf({ state: seen.state, promotion, release });
}

function placeOf(seen: SeenService | null, { environment }: Notice): string {
  const who = seen === null ? "Slipway" : seen.state.service.id;
  return environment === null ? who : `${who} ${environment}`;
}

function pageOf(
  { telling }: NoticePorts,
  seen: SeenService | null,
  { promotion, environment }: Notice,
): string | null {
  const { pages } = telling;
  if (pages === null) {
    return null;
  }
  if (promotion !== null) {
    return `${pages}/promotions/${promotion}`;
  }
  const service = seen === null ? "" : `/services/${seen.state.service.id}`;
  return `${pages}${service}${service === "" || environment === null ? "" : `/environments/${environment}`}`;
}

/** The service, the promotion and its release as they stand now; null where there is none. */
async function groundOf(
  { store }: NoticePorts,
  seen: SeenService | null,
  { id, namesCommits }: { readonly id: PromotionId | null; readonly namesCommits: boolean },
): Promise<NoticeGround> {
  const service = seen?.state.service ?? null;
  const nothing = { service, promotion: null, release: null, isCurrent: false, brought: [] };
  if (seen === null || id === null) {
    return nothing;
  }
  const { state } = seen;
  const promotion = findPromotion(state, id) ?? (await store.promotion(id));
  if (promotion === null || promotion.service !== state.service.id) {
    return nothing;
  }
  const release = await releaseNamed(state, promotion.release, store.release);
  const brought = namesCommits ? await commitsBrought(store, state, { promotion, release }) : [];
  return { service, promotion, release, isCurrent: isThere(state, promotion), brought };
}

function isThere(state: ServiceState, { id, environment }: Promotion): boolean {
  return environmentState(state, environment).current?.promotion === id;
}

async function releaseNamed(
  state: ServiceState,
  id: Release["id"],
  read: NoticePorts["store"]["release"],
): Promise<Release | null> {
  return entryOf(state.releases, id) ?? (await read(serviceId(state.service.id), id));
}
