import { z } from "zod";
import type { Channel, NotifyRule } from "../../domain/notices/channel.ts";
import { NOTICE_KINDS } from "../../domain/notices/notice.ts";
import type { NoticeKind } from "../../domain/notices/notice.ts";
import { filled, matching } from "./fields.ts";
import { mailAddresses, toAddresses } from "./notify-mail.ts";
import { OWN_WEBHOOK_SECRET, secretOfService, WEBHOOK_FIELDS } from "./notify-webhook.ts";

/** How many entries `notify` may have. */
const ENTRIES_MAX = 20;
/** How many environments or categories an entry may name. */
const NAMES_MAX = 100;

/** The name of a channel. Source: https://docs.slack.dev/reference/methods/conversations.create#naming */
const SLACK_CHANNEL = /^#[a-z0-9_\u0080-\uffff-]{1,80}$/;

/** The keys of which each entry has one: they say where people are told. */
export const NOTIFY_PLACES = ["slack", "webhook", "mail", "github"] as const;

/** One place where people are told, and of what. */
export const NotifyEntry = z
  .strictObject({
    slack: matching(
      "A channel of Slack's. The bot must be a member of it where it is private.",
      SLACK_CHANNEL,
      "a channel's name, such as '#alerts-web-prod', in quotes",
    )
      .meta({ examples: ["#alerts-web-prod"] })
      .optional(),
    ...WEBHOOK_FIELDS,
    mail: mailAddresses,
    github: z
      .literal(true, { error: "must be true: build.source.repo says where" })
      .optional()
      .describe("Shows promotions as deployments of the commits of build.source.repo, on GitHub."),
    on: z
      .array(z.enum(NOTICE_KINDS))
      .max(NOTICE_KINDS.length)
      .default([])
      .describe("Of what; when left out: of everything."),
    environments: z
      .array(filled("The id of an environment."))
      .max(NAMES_MAX)
      .default([])
      .describe("In which environments; when left out: in all."),
    categories: z
      .array(z.enum(["test", "internal", "external"]))
      .max(NAMES_MAX)
      .default([])
      .describe("In environments of which categories; when left out: of all."),
  })
  .meta({ title: "Notify", description: "Where people are told, and of what." });

/** In an installation's file a name may stand for one of each service, or of each environment. */
const ownSlack = z
  .string()
  .regex(
    /^#(?:[a-z0-9_\u0080-\uffff-]|<service>|<environment>){1,80}$/,
    "must be a channel's name, such as '#slipway' or '#alerts-<service>-<environment>'",
  )
  .optional();

/** All places where people are told. An empty list tells nobody. */
export const NotifySection = z
  .array(NotifyEntry)
  .max(ENTRIES_MAX)
  .optional()
  .describe(
    "Where people are told what happens. When left out: in the channels #alerts-<service>-<environment>, where Slack is set up. An empty list tells nobody.",
  );

type Entry = z.output<typeof NotifyEntry>;

/** One place where the installation tells people, of any service. A text is short for a channel of Slack's. */
export const OwnNotifyEntry = z.preprocess(
  (value) => (typeof value === "string" ? { slack: value } : value),
  NotifyEntry.extend({ slack: ownSlack })
    .omit({ environments: true })
    .refine((entry) => placesOf(entry).length === 1, {
      error: `must say in one place whom to tell: give it one of ${NOTIFY_PLACES.join(", ")}`,
    }),
);

/** The rules of an entry of the installation; `on` is what it is told of where it does not say. */
export function toOwnRules(
  entry: z.output<typeof OwnNotifyEntry>,
  on: readonly NoticeKind[],
): readonly NotifyRule[] {
  const told = entry.on.length === 0 ? [...on] : entry.on;
  return toRules({ ...entry, on: told, environments: [] }, OWN_WEBHOOK_SECRET);
}

/** Where an entry says that people are told; `isThere` also counts what it says wrongly. */
export function placesOf(
  entry: Partial<Record<(typeof NOTIFY_PLACES)[number], unknown>>,
  isThere: (place: string) => boolean = () => false,
): readonly string[] {
  return NOTIFY_PLACES.filter((place) => entry[place] !== undefined || isThere(place));
}

/** The rules of a service's entries; null when they are left out. */
export function toNotify(
  entries: z.output<typeof NotifySection>,
  service: string,
): readonly NotifyRule[] | null {
  return entries?.flatMap((entry) => toRules(entry, secretOfService(service))) ?? null;
}

function toRules(entry: Entry, ownSecret: string): readonly NotifyRule[] {
  const { on, environments, categories } = entry;
  const channel = channelOf(entry, ownSecret);
  return channel === null ? [] : [{ channel, on, environments, categories }];
}

function channelOf(entry: Entry, ownSecret: string): Channel | null {
  const { slack, webhook, secret, mail, github } = entry;
  if (slack !== undefined) {
    return { kind: "slack", name: slack };
  }
  if (mail !== undefined) {
    return { kind: "mail", to: toAddresses(mail) };
  }
  if (webhook !== undefined) {
    return { kind: "webhook", url: new URL(webhook).href, secret: secret ?? ownSecret };
  }
  return github === undefined ? null : { kind: "github" };
}
