import { z } from "zod";
import type { NotifyRule } from "../domain/notices/channel.ts";
import { SLACK_CHANNEL } from "./spec/notify-section.ts";

/** What the installation's own channels are told of every service. */
const EVERYWHERE_ON = ["stuck", "break-glass"] as const;

/** A channel of the installation itself. */
export const ownChannel = z
  .string()
  .regex(SLACK_CHANNEL, "must be a channel's name, such as #slipway")
  .transform((name): NotifyRule => ({
    channel: { kind: "slack", name },
    on: EVERYWHERE_ON,
    environments: [],
    categories: [],
  }));
