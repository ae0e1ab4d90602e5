import { z } from "zod";
import type { NotifyRule } from "../domain/notices/channel.ts";
import { githubOf } from "./github-config.ts";
import type { GithubConfig, GithubVariables } from "./github-config.ts";
import { parseJson } from "./envelope.ts";
import type { MailRelay } from "./mail-relay.ts";
import { NotifyRuleValue } from "./state/notify-rule.ts";

/** How people are told what happens. */
export type NoticeConfig = {
  /** The full name of the secret with Slack's bot token; null where Slack is not set up. */
  readonly slackToken: string | null;
  /** Where the installation itself is told, and what of all services. */
  readonly everywhere: readonly NotifyRule[];
  /** What a service has that says nothing of notices itself. */
  readonly byDefault: readonly NotifyRule[];
  /** Who takes mail; null where nobody does. */
  readonly mail: MailRelay | null;
  /** Whom webhooks may reach. */
  readonly webhookReach: "internet" | "anywhere";
  /** The address of the pages, for links; null where it is not known. */
  readonly pages: string | null;
  /** How promotions are shown on GitHub; null where they are not. */
  readonly github: GithubConfig | null;
};

/** Rules as a variable has them: JSON, since a rule has parts. None where the variable is left out. */
export const notifyRules = z
  .string()
  .default("[]")
  .transform((text, context): unknown => {
    const json = parseJson(text);
    if (!json.ok) {
      context.addIssue({ code: "custom", message: "must be JSON, as slipway install writes it" });
      return z.NEVER;
    }
    return json.value;
  })
  .pipe(z.array(NotifyRuleValue));

/** Rules as `notifyRules` reads them. */
export function notifyRulesText(rules: readonly NotifyRule[]): string {
  return JSON.stringify(rules);
}

/** What the variables say of notices. */
export function toNoticeConfig(
  read: {
    readonly SLIPWAY_SLACK_TOKEN: string | null;
    readonly SLIPWAY_NOTIFY: readonly NotifyRule[];
    readonly SLIPWAY_NOTIFY_DEFAULTS: readonly NotifyRule[];
    readonly SLIPWAY_PAGES: string | null;
    readonly SLIPWAY_MAIL: MailRelay | null;
    readonly SLIPWAY_WEBHOOK_REACH: NoticeConfig["webhookReach"];
  } & GithubVariables,
): NoticeConfig {
  return {
    slackToken: read.SLIPWAY_SLACK_TOKEN,
    everywhere: read.SLIPWAY_NOTIFY,
    byDefault: read.SLIPWAY_NOTIFY_DEFAULTS,
    pages: read.SLIPWAY_PAGES,
    mail: read.SLIPWAY_MAIL,
    github: githubOf(read),
    webhookReach: read.SLIPWAY_WEBHOOK_REACH,
  };
}
