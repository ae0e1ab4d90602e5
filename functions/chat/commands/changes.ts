import { defaultRelease } from "../../../shared/domain/events/promotion-requested.ts";
import type { ChatCommand } from "../../../shared/wire/slack/command.ts";
import { changesView } from "../../requests/changes.ts";
import { placeNamed } from "../../requests/context.ts";
import type { RequestContext } from "../../requests/context.ts";
import { RequestError } from "../../requests/errors.ts";
import { releaseIdNamed, toPromote } from "../../requests/named-releases.ts";
import type { Said } from "../said.ts";
import { changeLines } from "./change-lines.ts";

/** What goes to an environment with a release. */
export async function sayChanges(
  context: RequestContext,
  {
    service,
    environment: at,
    release: name,
  }: ChatCommand & { readonly verb: "explain" | "changes" },
): Promise<Said> {
  const { seen, environment } = await placeNamed(context, { service, environment: at });
  const isMeant = toPromote(seen, environment);
  const named = await releaseIdNamed(context, seen, { name: name ?? undefined, isMeant });
  const release = named ?? defaultRelease(seen.state, environment);
  if (release === null) {
    throw new RequestError("NOT_FOUND", `no release would go to ${environment.id} now; name one`);
  }
  const wish = { environment, release, isRollback: false };
  return { lines: changeLines(await changesView(context, seen.state, wish)) };
}
