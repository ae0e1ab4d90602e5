import { z } from "zod";
import type { Card } from "../domain/notices/card.ts";
import { NOTICE_KINDS } from "../domain/notices/notice.ts";
import type { Notice } from "../domain/notices/notice.ts";
import type { Promotion } from "../domain/promotion.ts";
import { imageOf, releaseCommit } from "../domain/release.ts";
import type { Release } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import { shorten } from "../domain/text.ts";
import { EnvironmentView, PromotionView } from "./api/schemas.ts";
import { toTime } from "./api/views.ts";

/** What an event of a notice is made of. */
export type NoticeFacts = {
  readonly notice: Notice;
  readonly title: string;
  readonly page: string | null;
  readonly card: Card | null;
  readonly about: {
    readonly service: Service | null;
    readonly promotion: Promotion | null;
    readonly release: Release | null;
  };
};

/** How long a text of an event may be: a whole event stays below the 20 kB that receivers expect at most. */
const TEXT_LENGTH_MAX = 1000;

/** How many of those who are asked are named. */
const ASKED_MAX = 20;
const ASKED_LENGTH_MAX = 200;

const text = z.string().max(TEXT_LENGTH_MAX);
const time = z.iso.datetime();

/**
 * One notice as a webhook's receiver gets it, in the form that Standard Webhooks proposes.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-structure
 */
const NoticeEvent = z.strictObject({
  type: z
    .enum(NOTICE_KINDS.map((kind) => `notice.${kind}` as const))
    .meta({ description: "What happened" }),
  timestamp: time.meta({ description: "When it happened" }),
  data: z.strictObject({
    id: z.string().meta({ description: "The id of the audit record, and the header webhook-id" }),
    service: z
      .string()
      .nullable()
      .meta({ description: "Null for what concerns no single service" }),
    environment: z
      .strictObject({ id: z.string(), category: EnvironmentView.shape.category.nullable() })
      .nullable(),
    release: z
      .strictObject({
        id: z.string(),
        image: z.string(),
        tag: z.string().nullable(),
        commit: z.string().nullable(),
      })
      .nullable(),
    promotion: z
      .strictObject({
        id: z.string(),
        kind: PromotionView.shape.kind,
        state: PromotionView.shape.state,
        requestedBy: text,
        reason: text.nullable(),
        asked: z
          .array(z.string().max(ASKED_LENGTH_MAX))
          .max(ASKED_MAX)
          .meta({ description: "Who is asked to approve" }),
      })
      .nullable()
      .meta({ description: "How the promotion stands when the event is sent" }),
    title: text.meta({ description: "What it is about, such as: web 1.4.2 into prod" }),
    text: text.meta({ description: "What happened, in a sentence without its subject" }),
    isPressing: z.boolean().meta({ description: "Whether somebody should look" }),
    page: z.string().nullable().meta({ description: "Where one sees more" }),
  }),
});

/** The JSON Schema (draft 2020-12) of an event. Source: https://json-schema.org/draft/2020-12 */
export function noticeEventJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(NoticeEvent, { target: "draft-2020-12" });
  return { ...schema, title: "An event that Slipway sends to a webhook" };
}

/** The event of a notice. */
export function toNoticeEvent({
  notice,
  title,
  page,
  card,
  about,
}: NoticeFacts): z.output<typeof NoticeEvent> {
  const { service, promotion, release } = about;
  return {
    type: `notice.${notice.kind}`,
    timestamp: toTime(notice.at),
    data: {
      id: notice.id,
      service: service?.id ?? null,
      environment: environmentOf(notice, service),
      release: release === null ? null : releaseOf(release),
      promotion: promotion === null ? null : promotionOf(promotion, card),
      title: shorten(title, TEXT_LENGTH_MAX),
      text: shorten(notice.text, TEXT_LENGTH_MAX),
      isPressing: notice.isPressing,
      page,
    },
  };
}

type Data = z.output<typeof NoticeEvent>["data"];

function environmentOf({ environment: id }: Notice, service: Service | null): Data["environment"] {
  const found = service?.environments.find((one) => one.id === id);
  return id === null ? null : { id, category: found?.category ?? null };
}

function releaseOf(release: Release): Data["release"] {
  const { id, tag } = release;
  return { id, image: imageOf(release), tag, commit: releaseCommit(release) };
}

function promotionOf(promotion: Promotion, card: Card | null): Data["promotion"] {
  const { id, kind, state, requestedBy, reason } = promotion;
  return {
    id,
    kind,
    state,
    requestedBy: shorten(requestedBy, TEXT_LENGTH_MAX),
    reason: reason === null ? null : shorten(reason, TEXT_LENGTH_MAX),
    asked: (card?.asked ?? []).slice(0, ASKED_MAX).map((who) => shorten(who, ASKED_LENGTH_MAX)),
  };
}
