import { html } from "hono/html";
import type { TroubledChannel } from "../../../shared/domain/notices/troubled.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import { NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { moment } from "./moments.ts";

/** Which channels take nothing, since when, what they said, and what mends that. */
export function troubledChannels(channels: readonly TroubledChannel[], now: Instant): Html {
  return channels.length === 0
    ? NOTHING
    : html`${channels.map(
        ({ channel, since, reason }) =>
          html`<p>
            <span class="problem">Nobody is told by ${plain(channel)}</span> since
            ${moment(since, now)}: ${plain(reason)}
          </p>`,
      )}`;
}
