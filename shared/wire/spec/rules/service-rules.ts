import { didYouMean } from "../nearest.ts";
import { show } from "../explain-issue.ts";
import { parseImageReference } from "../../image-reference.ts";
import { readImageRepository } from "../../image-repository.ts";
import type { Report } from "../problem.ts";
import type { SpecDraft } from "../schema.ts";
import { environmentsOf, isInvalid, isProduction } from "./draft-environments.ts";

const KINDS = ["service", "job"];

/** What is odd about the service and its image, though upstream accepts it. */
export function judgeService(draft: SpecDraft, report: Report): void {
  judgeDocumentation(draft, report);
  judgeWords(draft, report);
  judgeImage(draft, report);
  if ((draft.environments ?? []).length === 0 && !isInvalid(draft, "environments")) {
    report.warning(["environments"], "no environment is described, so nothing can be deployed");
  }
}

/** Upstream asks for these since late versions; older specifications do without. */
function judgeDocumentation(draft: SpecDraft, report: Report): void {
  const { service } = draft;
  if (service === undefined) {
    return;
  }
  if (service.description === undefined || service.description === "") {
    report.warning(
      ["service", "description"],
      "is missing: say in a sentence what the service does, because newer upstream tooling asks for it",
    );
  }
  const production = environmentsOf(draft).find(({ environment }) => isProduction(environment));
  if (
    service.notionPageID === undefined &&
    !isInvalid(service, "notionPageID") &&
    production !== undefined
  ) {
    const { id, category } = production.environment;
    report.warning(
      ["service", "notionPageID"],
      `is missing: newer upstream tooling asks for it because ${id ?? "an environment"} is ${category}`,
    );
  }
}

function judgeWords(draft: SpecDraft, report: Report): void {
  const { id, name, kind, protocol } = draft.service ?? {};
  if (id !== undefined && !/^[a-z]/.test(id)) {
    report.warning(
      ["service", "id"],
      "should start with a letter: Cloud Deploy refuses a pipeline that is named after it",
    );
  }
  if (name === "") {
    report.warning(["service", "name"], "is empty: give a name, or leave the key out");
  }
  if (kind !== undefined && !KINDS.includes(kind)) {
    report.warning(
      ["service", "kind"],
      `should be service or job, not ${show(kind)}, which is treated as a service${didYouMean(kind, KINDS)}`,
    );
  }
  if (protocol !== undefined && protocol !== "h2c") {
    report.warning(
      ["service", "protocol"],
      `should be h2c or left out, not ${show(protocol)}, which is treated as HTTP`,
    );
  }
}

/** Images are looked up where they are, so those of no other registry can be delivered. */
function judgeImage(draft: SpecDraft, report: Report): void {
  if (isInvalid(draft, "build") || isInvalid(draft.build, "image")) {
    return;
  }
  const image = draft.build?.image ?? "";
  const path = ["build", "image"];
  const reference = parseImageReference(image);
  if (reference === null || readImageRepository(reference.repository) === null) {
    const shown = image === "" ? "nothing" : show(image);
    report.error(
      path,
      `must be a repository of Artifact Registry, such as us-central1-docker.pkg.dev/project/repository/image, for its images to be delivered; it is ${shown}`,
    );
  } else if (reference.repository !== image) {
    report.warning(
      path,
      `should be the repository alone; the tag or digest is ignored: write ${reference.repository}`,
    );
  }
}
