import { asPromotionId } from "../../shared/domain/ids.ts";
import type { Notice } from "../../shared/domain/notices/notice.ts";
import type { NoticeMessage } from "../../shared/ports/notices.ts";
import { START } from "./builders.ts";

const PROMOTION = asPromotionId("r-0123456789abcdef-a1b2c3-to-prod-0001");

/** A notice that a promotion failed, with what a test changes of it. */
export function aMessage(
  notice: Partial<Notice> = {},
  parts: Partial<NoticeMessage> = {},
): NoticeMessage {
  return {
    notice: {
      id: "web-7",
      kind: "failed",
      chain: "web",
      at: START,
      environment: null,
      promotion: PROMOTION,
      subject: PROMOTION,
      text: "failed at the step rollout: no pods",
      isPressing: true,
      ...notice,
    },
    title: "web 1.4.2 into prod",
    card: null,
    about: { service: null, promotion: null, release: null, isCurrent: false, brought: [] },
    page: "https://slipway.example.com/promotions/p",
    thread: null,
    isFollowed: false,
    ...parts,
  };
}
