import { show } from "../explain-issue.ts";
import type { Path, Report } from "../problem.ts";
import type { EnvironmentDraft, SpecDraft } from "../schema.ts";
import { environmentsOf, isInvalid } from "./draft-environments.ts";
import type { PlacedEnvironment } from "./draft-environments.ts";

const TIMEOUT_SECONDS_DEFAULT = 3;
/** Cloud Run's limit for a starting instance (https://cloud.google.com/run/docs/configuring/healthchecks). */
const STARTUP_SECONDS_MAX = 240;

type Probes = NonNullable<EnvironmentDraft["healthProbes"]>;

/** The names under which environments are reached, and how their instances are probed. */
export function judgeEndpoints(draft: SpecDraft, report: Report): void {
  const names = new Map<string, string>();
  for (const placed of environmentsOf(draft)) {
    judgeDomain(placed, names, report);
    judgeProbes(placed, report);
  }
}

function judgeDomain(
  { environment, path }: PlacedEnvironment,
  names: Map<string, string>,
  report: Report,
): void {
  judgeDomainType(environment, [...path, "domain", "type"], report);
  judgeDomainParts(environment, [...path, "domain", "cloudflare"], report);
  const name = dnsName(environment);
  if (name === null) {
    return;
  }
  const other = names.get(name);
  if (other !== undefined) {
    report.error(
      [...path, "domain", "cloudflare"],
      `is ${name}, which is the name of ${other} too: give each environment its own`,
    );
  }
  names.set(name, other ?? environment.id ?? "another environment");
}

function judgeDomainType(environment: EnvironmentDraft, at: Path, report: Report): void {
  const { type = "none", cloudflare } = environment.domain ?? {};
  if (type !== "none" && type !== "cloudflare") {
    report.warning(at, `should be none or cloudflare, not ${show(type)}`);
  }
  if (type === "cloudflare" && cloudflare === undefined) {
    report.warning(
      at,
      "is cloudflare, but there is no block cloudflare with subdomain and zone: add it",
    );
  }
  if (type === "none" && cloudflare !== undefined) {
    report.warning(
      at,
      "is none, but there is a block cloudflare. The service gets its name, and upstream makes no DNS entry for it: set cloudflare, or remove the block",
    );
  }
}

/** Upstream finds these when it renders; a name that lacks a part is none. */
function judgeDomainParts({ domain }: EnvironmentDraft, at: Path, report: Report): void {
  const { type = "none", cloudflare } = domain ?? {};
  for (const key of ["subdomain", "zone"] as const) {
    if (type === "cloudflare" && cloudflare !== undefined && isMissing(cloudflare, key)) {
      report.error([...at, key], "is required for type cloudflare");
    }
  }
}

function isMissing(
  cloudflare: NonNullable<NonNullable<EnvironmentDraft["domain"]>["cloudflare"]>,
  key: "subdomain" | "zone",
): boolean {
  return (cloudflare[key] ?? "") === "" && !isInvalid(cloudflare, key);
}

function dnsName(environment: EnvironmentDraft): string | null {
  const cloudflare = environment.domain?.cloudflare;
  return cloudflare === undefined ? null : `${cloudflare.subdomain ?? ""}.${cloudflare.zone ?? ""}`;
}

function judgeProbes({ environment, path }: PlacedEnvironment, report: Report): void {
  const probes = environment.healthProbes;
  const at = [...path, "healthProbes"];
  if (probes === undefined) {
    return;
  }
  if (probes.healthzProbes !== false) {
    judgeIntervals(probes, at, report);
    return;
  }
  for (const key of ["timeout", "startupInterval", "livenessInterval"] as const) {
    if (probes[key] !== undefined) {
      report.error([...at, key], "has no meaning when healthzProbes is false: remove one of them");
    }
  }
}

function judgeIntervals(probes: Probes, at: Path, report: Report): void {
  const timeout = probes.timeout ?? TIMEOUT_SECONDS_DEFAULT;
  if (timeout < 1 || timeout > STARTUP_SECONDS_MAX) {
    report.error([...at, "timeout"], `must be 1 to ${STARTUP_SECONDS_MAX} seconds, not ${timeout}`);
    return;
  }
  const startup = probes.startupInterval ?? timeout;
  if (startup > STARTUP_SECONDS_MAX) {
    report.error(
      [...at, "startupInterval"],
      `must be at most ${STARTUP_SECONDS_MAX} seconds, not ${startup}`,
    );
  }
  for (const key of ["startupInterval", "livenessInterval"] as const) {
    const interval = probes[key] ?? timeout;
    if (interval < timeout) {
      report.error(
        [...at, key],
        `must be at least the timeout of ${timeout} seconds, not ${interval}`,
      );
    }
  }
}
