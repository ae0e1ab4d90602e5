import { folderText, headline, migrationText } from "../../../shared/wire/api/changes-words.ts";
import type { Changes } from "../../../shared/wire/api/changes-words.ts";
import { bullet, code, moment, plain } from "../said.ts";

const COMMIT_DIGITS = 12;

/** How many releases are told one by one. */
const RELEASES_TOLD_COUNT = 10;

/** What goes to an environment with a release, and what cannot be told. */
export function changeLines(changes: Changes | null): readonly string[] {
  if (changes === null) {
    return [];
  }
  const { direction, releases, comparison, migrations, unknown, specification } = changes;
  const told = direction === "NONE" ? [] : releases.slice(0, RELEASES_TOLD_COUNT);
  const more = direction === "NONE" ? 0 : releases.length - told.length;
  return [
    plain(headline(changes)),
    ...told.map(({ id, tag, commit, pushTime, authors, isBad }) =>
      bullet(
        [
          `${code(tag ?? id)}${isBad ? " *bad*" : ""}`,
          ...(commit === null ? [] : [code(commit.slice(0, COMMIT_DIGITS))]),
          `pushed ${moment(pushTime)}`,
          ...(authors.length === 0 ? [] : [`by ${plain(authors.join(", "))}`]),
        ].join(", "),
      ),
    ),
    ...(more > 0 ? [bullet(`and ${more} more`)] : []),
    ...(comparison?.startsWith("https://") === true
      ? [
          `<${encodeURI(decodeURI(comparison)).replaceAll("|", "%7C")}|Compare the commits>${plain(folderText(changes))}`,
        ]
      : []),
    ...(specification.state === "DIFFERENT" ? ["The specification differs, too."] : []),
    ...migrations.map((migration) => plain(migrationText(migration))),
    ...unknown.map((sentence) => bullet(`cannot be told: ${plain(sentence)}`)),
  ];
}
