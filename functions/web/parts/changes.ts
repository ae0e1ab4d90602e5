import { html } from "hono/html";
import type { Instant } from "../../../shared/domain/time.ts";
import { folderText, headline, migrationText } from "../../../shared/wire/api/changes-words.ts";
import type { Changes } from "../../../shared/wire/api/changes-words.ts";
import { code, NOTHING, plain } from "./html.ts";
import type { Html } from "./html.ts";
import { copyable, idText } from "./ids.ts";
import { moment } from "./moments.ts";
import { table } from "./table.ts";

/** What goes to an environment with a release, and what cannot be told. */
export function changesText(changes: Changes, now: Instant): Html {
  const { direction, releases, comparison, migrations, unknown } = changes;
  return html`<p>${plain(headline(changes))}</p>
    ${direction === "NONE" || releases.length === 0 ? NOTHING : releaseTable(changes, now)}
    ${
      comparison?.startsWith("https://") === true
        ? html`<p>
            <a href="${comparison}" rel="noreferrer">Compare the commits</a
            >${plain(folderText(changes))}
          </p>`
        : NOTHING
    }
    ${specification(changes)}
    ${migrations.map((migration) => html`<p>${plain(migrationText(migration))}</p>`)}
    ${
      unknown.length === 0
        ? NOTHING
        : html`<p>What cannot be told:</p>
            <ul>
              ${unknown.map((sentence) => html`<li>${plain(sentence)}</li>`)}
            </ul>`
    }`;
}

function releaseTable({ releases }: Changes, now: Instant): Html {
  return table({
    caption: "Releases that go there",
    headings: ["Release", "Commit", "Pushed", "Specification", "Authors"],
    rows: releases.map(({ id: release, tag, commit, pushTime, revision, authors, isBad }) => [
      html`${tag === null ? idText(release) : code(tag)}${isBad ? html` <strong class="bad">bad</strong>` : NOTHING}`,
      commit === null
        ? html`<span class="quiet">not known</span>`
        : copyable(commit, `the commit of ${tag ?? release}`),
      moment(pushTime, now),
      code(revision),
      plain(authors.join(", ")),
    ]),
  });
}

function specification({ specification: told, from, to }: Changes): Html {
  if (told.state === "SAME" || from === null) {
    return NOTHING;
  }
  const more = told.leftOut === 0 ? "" : `, ${told.leftOut} more lines`;
  return html`<p>
      The specification goes from revision ${code(from.revision)} to ${code(to.revision)}${more}.
    </p>
    ${told.lines.length === 0 ? NOTHING : difference(told.lines)}`;
}

const CLASSES = { "-": "taken", "+": "added", " ": "same" } as const;

function difference(lines: Changes["specification"]["lines"]): Html {
  const told = lines.map(
    ({ sign, text }) => html`<div class="${CLASSES[sign]}">${sign} ${plain(text)}</div>`,
  );
  return html`<div
    class="difference"
    tabindex="0"
    role="group"
    aria-label="Differences of the specification"
  >
    ${told}
  </div>`;
}
