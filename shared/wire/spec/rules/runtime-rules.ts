import type { Path, Report } from "../problem.ts";
import type { DeliveryEnvironmentDraft, SpecDraft } from "../schema.ts";

type Network = NonNullable<NonNullable<DeliveryEnvironmentDraft["runtime"]>["network"]>;

/** `delivery.manages` and `runtime`: what a release may change, and how the service runs. */
export function judgeRuntime(draft: SpecDraft, report: Report): void {
  const isImageOnly = draft.delivery?.manages === "image";
  for (const [id, delivery] of Object.entries(draft.delivery?.environments ?? {})) {
    const path = ["delivery", "environments", id];
    if (isImageOnly) {
      judgeImageOnly(delivery ?? {}, path, report);
    }
    if (delivery?.runtime?.network !== undefined) {
      judgeNetwork(delivery.runtime.network, [...path, "runtime", "network"], report);
    }
  }
}

function judgeImageOnly(
  { canary = [], runtime }: DeliveryEnvironmentDraft,
  path: Path,
  report: Report,
): void {
  if (canary.length > 0) {
    report.error(
      [...path, "canary"],
      "needs manages: service: with manages: image Terraform keeps the shares of traffic, so a new revision has all of it or none",
    );
  }
  if (runtime !== undefined) {
    report.warning(
      [...path, "runtime"],
      "has no effect with manages: image: a release changes the image alone",
    );
  }
}

function judgeNetwork(
  { connector, network, subnetwork, tags }: Network,
  path: Path,
  report: Report,
): void {
  const isDirect = network !== undefined || subnetwork !== undefined;
  if (connector === undefined && !isDirect) {
    report.error(path, "must name a network, a subnetwork or a connector");
  } else if (connector !== undefined && (isDirect || (tags ?? []).length > 0)) {
    report.error(
      [...path, "connector"],
      "stands instead of network, subnetwork and tags: remove one of them",
    );
  }
}
