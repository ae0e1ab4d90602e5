import type { Path, Report } from "../problem.ts";
import type { DeliveryEnvironmentDraft, SpecDraft } from "../schema.ts";
import { entryOf } from "../../../domain/entry-of.ts";
import { environmentsOf } from "./draft-environments.ts";

const DIAGNOSTICS = "DIAGNOSTICS_SECRET";

type Network = NonNullable<NonNullable<DeliveryEnvironmentDraft["runtime"]>["network"]>;

/** `delivery.manages` and `runtime`: what a release may change, and how the service runs. */
export function judgeRuntime(draft: SpecDraft, report: Report): void {
  const isImageOnly = draft.delivery?.manages === "image";
  if (!isImageOnly) {
    judgeDiagnostics(draft, report);
  }
  judgeInvokerCheck(draft, report);
  for (const [id, delivery = {}] of Object.entries(draft.delivery?.environments ?? {})) {
    const path = ["delivery", "environments", id];
    if (isImageOnly) {
      judgeImageOnly(delivery, path, report);
    }
    judgeNetwork(delivery.runtime?.network, [...path, "runtime", "network"], report);
  }
}

/** Cloud Run takes no probe's header from a secret, so a service that asks for one cannot be probed. */
function judgeDiagnostics(draft: SpecDraft, report: Report): void {
  for (const { environment, path } of environmentsOf(draft)) {
    const { healthProbes, secretEnv } = environment;
    const isProbed = healthProbes !== undefined && healthProbes.healthzProbes !== false;
    if (isProbed && Object.hasOwn(secretEnv ?? {}, DIAGNOSTICS)) {
      report.warning(
        [...path, "secretEnv", DIAGNOSTICS],
        "is a secret, which Cloud Run's own probes cannot send: the service gets none of them, and only the step verify probes it",
      );
    }
  }
}

/** Who may call is either a list of people or everybody. */
function judgeInvokerCheck(draft: SpecDraft, report: Report): void {
  for (const { environment } of environmentsOf(draft)) {
    const { id = "", authentication } = environment;
    const runtime = entryOf(draft.delivery?.environments ?? {}, id)?.runtime;
    if (runtime?.invokerCheck === "disabled" && authentication !== undefined) {
      report.error(
        ["delivery", "environments", id, "runtime", "invokerCheck"],
        "must not be disabled where authentication says who may call: remove one of them",
      );
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
      "needs delivery.manages: service. With manages: image Terraform sets the traffic, so a new revision gets all of it or none",
    );
  }
  if (runtime !== undefined) {
    report.warning(
      [...path, "runtime"],
      "has no effect with delivery.manages: image, because a release changes the image alone: remove it",
    );
  }
}

function judgeNetwork(written: Network | undefined, path: Path, report: Report): void {
  const { connector, network, subnetwork, tags = [] } = written ?? {};
  const isDirect = network !== undefined || subnetwork !== undefined;
  if (written !== undefined && connector === undefined && !isDirect) {
    report.error(path, "must name a network, a subnetwork or a connector");
  } else if (connector !== undefined && (isDirect || tags.length > 0)) {
    report.error(
      [...path, "connector"],
      "stands instead of network, subnetwork and tags: remove one of them",
    );
  }
}
