import { z } from "zod";
import { instant } from "../../domain/time.ts";
import { BREAKABLE } from "../../domain/gates/verdict.ts";
import { boundedText, REASON_LENGTH_MAX } from "../text.ts";

/** How long a page token may be. */
const TOKEN_LENGTH_MAX = 2000;

/** Each character beyond ASCII takes two to four bytes of the documents in which a reason is kept. */
const REASON_BYTES_MAX = 1536;

const reason = z
  .string("must say why, as text")
  .trim()
  .min(1, "must not be empty: say why")
  .max(REASON_LENGTH_MAX)
  .overwrite((text) => text.toWellFormed())
  .refine((text) => Buffer.byteLength(text) <= REASON_BYTES_MAX, {
    error: `Too big: expected text to have <=${REASON_BYTES_MAX} bytes in UTF-8`,
  });

/** A release by its id, a tag or its digest, the longest of which is a tag. */
const NAME_LENGTH_MAX = 128;

/** How long the words may be by which an approver says what they were shown. */
const SHOWN_LENGTH_MAX = 1000;

const Named = boundedText(NAME_LENGTH_MAX).min(1);

const GATES_WANTED = `must be true for all gates, or a list of gates among ${BREAKABLE.join(", ")}`;

/** `POST …/environments/{e}:promote` */
export const PromoteBody = z
  .strictObject({
    release: Named.optional().meta({
      description:
        "By id, tag, digest or an unambiguous part. Default: the release in the stage before; for a first stage the newest",
    }),
    reason: reason.optional(),
    breakGlass: z
      .union([z.boolean(), z.array(z.enum(BREAKABLE)).min(1, GATES_WANTED)], {
        error: GATES_WANTED,
      })
      .optional()
      .meta({
        description:
          "Pass these closed gates, or with true all of them; needs a reason, and the right to break the glass",
      }),
    wait: z
      .boolean()
      .optional()
      .meta({ description: "Park behind closed gates (default), or answer 409" }),
    validateOnly: z.boolean().optional().meta({ description: "Only say what would happen" }),
  })
  .refine(({ breakGlass = false, reason: why }) => breakGlass === false || why !== undefined, {
    path: ["reason"],
    message: "breaking the glass needs a reason",
  });

/** `POST …/environments/{e}:promote`, read. */
export type PromoteBody = z.infer<typeof PromoteBody>;

/** `POST …/environments/{e}:rollback` */
export const RollbackBody = z.strictObject({
  release: Named.optional().meta({
    description:
      "By id, tag, digest or an unambiguous part. Default: the newest earlier release that proved itself there",
  }),
  reason,
  restoreData: z
    .boolean()
    .optional()
    .meta({ description: "Also bring back the data from before the current release" }),
  hold: z.boolean().optional().meta({
    description: "Put a hold on the environment and mark the release bad (default)",
  }),
  validateOnly: z.boolean().optional().meta({ description: "Only judge whether it is safe" }),
});

/** `POST …/environments/{e}:rollback`, read. */
export type RollbackBody = z.infer<typeof RollbackBody>;

/** `POST …/environments/{e}:restore` */
export const RestoreBody = z.strictObject({
  backup: boundedText().min(1).meta({
    description: "A backup's id, or a promotion's id for all of its backups",
  }),
  into: boundedText()
    .min(1)
    .optional()
    .meta({ description: "Another environment, of the category test; default: the same" }),
  reason,
  validateOnly: z.boolean().optional().meta({ description: "Only say what would be restored" }),
});

/** `POST …/environments/{e}:restore`, read. */
export type RestoreBody = z.infer<typeof RestoreBody>;

/** `POST …/promotions/{id}:approve` */
export const ApproveBody = z.strictObject({
  comment: reason.optional(),
  shown: boundedText(SHOWN_LENGTH_MAX).optional().meta({
    description:
      "`material` of the changes that the approver was shown; if the changes are different by now, the answer is 409",
  }),
});

/** A body that only says why. */
export const ReasonBody = z.strictObject({ reason });

/** `GET …/environments/{e}/changes` */
export const ChangesQuery = z.object({
  release: Named.optional().meta({
    description:
      "By id, tag, digest or an unambiguous part. Default: the release in the stage before; for a first stage the newest",
  }),
});

/** `GET …/environments/{e}:explain` */
export const ExplainQuery = z.object({
  release: Named.optional().meta({
    description: "By id, tag, digest or an unambiguous part. Default: the newest",
  }),
});

/** `POST …/releases` */
export const ReleaseBody = z.strictObject({
  image: boundedText().min(1).meta({ description: "`REPOSITORY@sha256:…` or `REPOSITORY:TAG`" }),
});

/** `POST …/promotions/{id}:cancel` */
export const CancelBody = z.strictObject({ reason: reason.optional() });

/** `POST /v1/holds` */
export const HoldBody = z
  .strictObject({
    scope: z.enum(["all", "service", "environment"]).optional().meta({
      description: "Default: as narrow as `service` and `environment` say",
    }),
    service: boundedText().min(1).optional(),
    environment: boundedText().min(1).optional(),
    reason,
    until: z.iso.datetime({ offset: true }).optional(),
    validateOnly: z.boolean().optional().meta({ description: "Only say what it would stop" }),
  })
  .refine((body) => body.environment === undefined || body.service !== undefined, {
    path: ["service"],
    message: "a hold on an environment needs its service too",
  });

/** `POST /v1/holds`, read. */
export type HoldBody = z.infer<typeof HoldBody>;

const PAGE_SIZE_DEFAULT = 50;
const PAGE_SIZE_MAX = 1000;

/** The query of every list; a page size above the most counts as the most. */
export const PageQuery = z.object({
  pageSize: z.coerce
    .number()
    .int()
    .min(0)
    .default(PAGE_SIZE_DEFAULT)
    .transform((size) => (size === 0 ? PAGE_SIZE_DEFAULT : Math.min(size, PAGE_SIZE_MAX))),
  pageToken: boundedText(TOKEN_LENGTH_MAX).default(""),
});

/** A moment: a time, or a day, which is its beginning in UTC. */
export const Moment = z
  .string()
  .refine(
    (text) => !Number.isNaN(Date.parse(text)),
    "must be a date such as 2026-11-20, or a time (RFC 3339)",
  )
  .transform((text) => instant(Date.parse(text)));

/** The query of a list over a span of time. */
export const SpanQuery = PageQuery.extend({
  from: Moment.optional().meta({ type: "string", description: "Default: an hour before `to`" }),
  to: Moment.optional().meta({ type: "string", description: "Default: now" }),
});

/** The query of a list that is given whole: it has one page, and no token leads to another. */
export const WholeListQuery = z.object({
  pageSize: PageQuery.shape.pageSize,
  pageToken: z.literal("", "this list has only one page; leave pageToken out").default(""),
});

/** The query of the audit records. */
export const AuditQuery = z.object({
  service: boundedText().optional().meta({
    description: "A service's id; without one, the records that belong to no service",
  }),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: "Only records after this sequence number" }),
  pageSize: PageQuery.shape.pageSize,
  pageToken: PageQuery.shape.pageToken,
});
