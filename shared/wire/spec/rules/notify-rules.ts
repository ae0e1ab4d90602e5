import { readRepository } from "../../../domain/changes/repository.ts";
import { didYouMean } from "../nearest.ts";
import { NOTIFY_PLACES, placesOf } from "../notify-section.ts";
import { isSecretOf, secretOfService } from "../notify-webhook.ts";
import type { Path, Report } from "../problem.ts";
import type { DeliveryDraft, SpecDraft } from "../schema.ts";
import { areIdsKnown, environmentsOf, isInvalid } from "./draft-environments.ts";

type Entry = NonNullable<NonNullable<NonNullable<DeliveryDraft["notify"]>[number]>>;

/** Each entry of `notify` says where, once, and names environments of the file. */
export function judgeNotify(draft: SpecDraft, report: Report): void {
  for (const [index, entry] of (draft.delivery?.notify ?? []).entries()) {
    if (entry !== undefined) {
      const path = ["delivery", "notify", index];
      judgePlace(entry, path, report);
      judgeSecret(draft, { entry, path }, report);
      judgeSource(draft, { entry, path }, report);
      judgeEnvironments(draft, { entry, path }, report);
    }
  }
}

function judgePlace(entry: Entry, path: Path, report: Report): void {
  const places = placesOf(entry, (place) => isInvalid(entry, place));
  if (places.length !== 1) {
    const said = places.length === 0 ? "says nowhere" : `says ${places.join(" and ")}`;
    report.error(path, `${said} to tell people: give it one of ${NOTIFY_PLACES.join(", ")}`);
  }
}

/** A service signs with its own secrets alone: else it could send events that look like another's. */
function judgeSecret(
  { service }: SpecDraft,
  { entry, path }: { readonly entry: Entry; readonly path: Path },
  report: Report,
): void {
  const { secret, webhook } = entry;
  const id = service?.id;
  if (secret !== undefined && webhook === undefined && !isInvalid(entry, "webhook")) {
    report.error([...path, "secret"], "is for a webhook alone: leave it out");
  }
  if (secret !== undefined && id !== undefined && !isSecretOf(id, secret)) {
    const own = secretOfService(id);
    report.error([...path, "secret"], `must be ${own}, or begin with ${own}_`);
  }
}

/** On GitHub a promotion is shown at the commits of the source. */
function judgeSource(
  draft: SpecDraft,
  { entry, path }: { readonly entry: Entry; readonly path: Path },
  report: Report,
): void {
  const repository = draft.build?.source?.repo ?? "";
  const parts = readRepository(repository)?.path.split("/") ?? [];
  if (entry.github === true && parts.length !== 2) {
    const message =
      "needs a repository of GitHub's in build.source.repo, such as github.com/acme/web";
    report.error([...path, "github"], message);
  }
}

function judgeEnvironments(
  draft: SpecDraft,
  { entry, path }: { readonly entry: Entry; readonly path: Path },
  report: Report,
): void {
  const known = environmentsOf(draft).flatMap(({ environment }) => environment.id ?? []);
  for (const [index, id] of (entry.environments ?? []).entries()) {
    if (id !== undefined && areIdsKnown(draft) && !known.includes(id)) {
      const has = known.length === 0 ? "" : `: it has ${known.join(", ")}`;
      const at = [...path, "environments", index];
      report.error(at, `is no environment of this file${has}${didYouMean(id, known)}`);
    }
  }
}
