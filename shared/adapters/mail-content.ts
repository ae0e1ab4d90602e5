import type { Card } from "../domain/notices/card.ts";
import { shorten } from "../domain/text.ts";
import type { NoticeMessage } from "../ports/notices.ts";

/** How long what people wrote may be in a mail. */
const LINE_LENGTH_MAX = 2000;

/** How long a subject may be. */
const SUBJECT_LENGTH_MAX = 200;

/** How many of those who are asked are named; the others are counted. */
const ASKED_MAX = 20;

/** What a mail says. */
export type MailContent = {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
};

/** A notice as a mail: what happened, how the promotion stands now, and where one sees more. */
export function mailContent(message: NoticeMessage): MailContent {
  const { title, notice, page, card } = message;
  const loud = notice.kind === "break-glass" ? "BROKEN GLASS: " : "";
  const said = `${loud}${line(title)} ${line(notice.text)}`;
  const rows = card === null ? [] : rowsOf(card);
  const link = page === null ? [] : [page];
  return {
    subject: shorten(`[Slipway] ${line(title)}`, SUBJECT_LENGTH_MAX),
    text: `${[said, "", ...rows.map(([name, value]) => `${name}: ${value}`), "", ...link].join("\n")}\n`,
    html: [
      "<!doctype html>",
      '<html lang="en"><meta charset="utf-8"><body>',
      `<p><strong>${escaped(said)}</strong></p>`,
      ...(rows.length === 0 ? [] : [tableOf(rows)]),
      ...link.map((address) => `<p><a href="${escaped(address)}">See more</a></p>`),
      "</body></html>",
    ].join("\n"),
  };
}

type Row = readonly [name: string, value: string];

function rowsOf({ headline, why, steps, requestedBy, reason, asked }: Card): readonly Row[] {
  const more = asked.length > ASKED_MAX ? ` and ${asked.length - ASKED_MAX} more` : "";
  const named = `${asked.slice(0, ASKED_MAX).join(", ")}${more}`;
  const rows: readonly Row[] = [
    ["Now", headline],
    ["Why", why],
    ["Please approve", named],
    ["Steps", steps],
    ["Asked for by", requestedBy],
    ["Reason", reason ?? ""],
  ];
  return rows.flatMap(([name, value]) => (value === "" ? [] : [[name, line(value)] as const]));
}

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(
    ([name, value]) =>
      `<tr><th align="left" valign="top">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  return `<table cellpadding="4">${cells.join("")}</table>`;
}

/** One line: a line break in what somebody wrote must not look like a line of ours. */
function line(text: string): string {
  return shorten(text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "), LINE_LENGTH_MAX).trim();
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
