import { html } from "hono/html";
import type { UnreadableError } from "../../shared/ports/errors.ts";
import type { Page } from "./layout.ts";
import { code, NOTHING, plain } from "./parts/html.ts";
import type { Html } from "./parts/html.ts";
import { OVERVIEW_TRAIL } from "./trails.ts";

const SERVICE = /^services\/(?<service>[a-z0-9-]{1,20})$/;

/** The page of what is there and cannot be read: what is wrong with it, what that keeps from whom, and what mends it. */
export function unreadablePage({ document, reason, isNewer }: UnreadableError): Page {
  const service = SERVICE.exec(document)?.groups?.["service"] ?? null;
  return {
    title: `${service ?? document} cannot be read`,
    part: "Overview",
    trail: OVERVIEW_TRAIL,
    body: html`<p class="problem">
        Its document ${code(document)}
        ${isNewer ? "is of a later version of Slipway" : "is damaged"}: ${plain(reason)}
      </p>
      <p>
        Nothing is delivered there until it can be read. What runs goes on running, and all other
        services are delivered as ever.
      </p>
      <h2>What mends it</h2>
      ${isNewer ? upgrade() : restoration(document)} ${recordText(service)}`,
  };
}

function upgrade(): Html {
  return html`<p>
    If an upgrade is under way, wait until it is over. If not, a later version was taken back:
    install it again.
  </p>`;
}

/** Source: https://cloud.google.com/firestore/native/docs/pitr */
function restoration(document: string): Html {
  return html`<ol>
    <li>
      Find out how ${code(document)} was before it was damaged. The database keeps every version of
      the last seven days, and a backup of each day.
    </li>
    <li>Put that one document back. Leave the rest of the database as it is.</li>
    <li>Start nothing: Slipway goes on by itself within a minute.</li>
  </ol>`;
}

function recordText(service: string | null): Html {
  return service === null
    ? NOTHING
    : html`<p><a href="/audit?service=${service}">Its record</a> says what happened last.</p>`;
}
