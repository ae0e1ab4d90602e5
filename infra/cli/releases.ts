import { Command } from "commander";
import { ReleaseList } from "../../shared/wire/api/schemas.ts";
import { asServiceList } from "./list-command.ts";
import { relative } from "./time-text.ts";

/** `slipway releases`: a service's releases, newest first. */
export function releasesCommand(): Command {
  const command = new Command("releases")
    .summary("a service's releases, newest first")
    .description("List a service's releases, newest first.");
  return asServiceList(command, {
    examples: ["releases web", "releases web --limit 5 --json"],
    schema: ReleaseList,
    headings: ["RELEASE", "TAG", "CREATED", "STATE", "SUCCEEDED IN"],
    rows: ({ releases }, nowMs) =>
      releases.map(({ id, tag, createTime, state, bad, environments }) => [
        id,
        tag ?? "",
        relative(createTime, nowMs),
        bad === null ? state : { text: `${state}, bad: ${bad.reason}`, tone: "bad" },
        Object.keys(environments).join(", "),
      ]),
    empty: (service) => `${service} has no release yet: push an image.`,
  });
}
