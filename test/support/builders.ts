import {
  digest,
  environmentId,
  releaseId,
  serviceId,
  specRevision,
} from "../../shared/domain/ids.ts";
import type { Digest } from "../../shared/domain/ids.ts";
import type { TagPut } from "../../shared/domain/image.ts";
import { NO_TRUST } from "../../shared/domain/provenance.ts";
import type { ProvenanceTrust } from "../../shared/domain/provenance.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import { newImage, toRelease } from "../../shared/domain/release.ts";
import type { Candidate, Release } from "../../shared/domain/release.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { duration, instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { ImageView } from "../../shared/ports/registry.ts";

/** The moment at which tests begin unless they say otherwise. */
export const START = instant(Date.parse("2026-11-20T10:00:00Z"));

const ZERO = duration(0);

/** The trust in one key that the registry in memory knows. */
export function aTrust(parts: Partial<ProvenanceTrust> = {}): ProvenanceTrust {
  return { ...NO_TRUST, id: "0123456789abcdef", keys: ["a key"], ...parts };
}

/** A policy that asks for nothing. */
export function aPolicy(parts: Partial<Policy> = {}): Policy {
  return {
    promotion: "manual",
    soak: ZERO,
    approvals: null,
    windows: null,
    alerts: { block: [], warn: [] },
    backup: null,
    migrations: { before: null, after: null },
    canary: [],
    verify: null,
    access: { promote: [], approve: [], breakGlass: [] },
    provenance: { required: false, grace: ZERO, trust: NO_TRUST },
    ...parts,
  };
}

/** An environment in the pipeline. */
export function anEnvironment(id: string, parts: Partial<Environment> = {}): Environment {
  return {
    id: environmentId(id),
    category: "test",
    project: `web-${id}-0a1b`,
    region: "us-central1",
    stage: 0,
    deploy: { kind: "rollout" },
    pipeline: { project: "slipway", location: "us-central1", id: "web-us-central1-rollout" },
    target: `web-${id}-us-central1`,
    runService: `web-${id}-us-central1`,
    domain: null,
    hasDatabase: false,
    policy: aPolicy({ promotion: comesByItself(parts) ? "automatic" : "manual" }),
    ...parts,
  };
}

function comesByItself({ stage, deploy }: Partial<Environment>): boolean {
  return stage === undefined || deploy?.kind === "subscription";
}

/** The service `web` with the stages dev (automatic) and prod (manual). */
export function aService(parts: Partial<Service> = {}): Service {
  return {
    id: serviceId("web"),
    name: "Web",
    kind: "service",
    manages: "service",
    sharesWith: [],
    notify: null,
    owners: ["web"],
    image: "us-central1-docker.pkg.dev/slipway/apps/web",
    source: null,
    revision: specRevision("0a1b2c"),
    fingerprint: "first",
    sourceUri: "gs://slipway-sources/web/0a1b2c.tar.gz",
    releaser: null,
    tags: { kind: "any" },
    order: "pushed",
    queue: "latest",
    environments: [
      anEnvironment("dev"),
      anEnvironment("prod", { stage: 1, category: "internal", policy: aPolicy() }),
    ],
    ...parts,
  };
}

/** The digest numbered so: equal numbers give equal digests. */
export function aDigest(number: number): Digest {
  return digest(`sha256:${number.toString(16).padStart(64, "0").split("").toReversed().join("")}`);
}

/** An image uploaded so many milliseconds after the start, with a tag of its own. */
export function anImage(number: number, parts: Partial<ImageView> = {}): ImageView {
  const uploadedAt = atMs(number);
  return {
    digest: aDigest(number),
    tags: [`v${number}`],
    uploadedAt,
    updatedAt: uploadedAt,
    ...parts,
  };
}

/** The same image as a candidate that was announced, with its tag put on it when it was uploaded. */
export function aCandidate(number: number, parts: Partial<Candidate> = {}): Candidate {
  const { digest: named, uploadedAt } = anImage(number);
  return {
    digest: named,
    put: { tag: `v${number}`, at: uploadedAt, commit: null },
    otherTags: [],
    isChosen: true,
    isAnnounced: true,
    rank: null,
    uploadedAt,
    changedAt: uploadedAt,
    commit: null,
    authors: [],
    ...parts,
  };
}

/** The release that a candidate becomes. */
export function aReleaseOf(
  service: Service,
  candidate: Candidate,
  created: { readonly at: Instant; readonly by: string } = { at: START, by: "registry" },
): Release {
  const { digest: named, put, uploadedAt, rank } = candidate;
  const image = newImage(candidate, releaseId(named, service.revision));
  const found = { image, tag: put?.tag ?? null, pushedAt: put?.at ?? uploadedAt, rank };
  return toRelease(service, found, created);
}

/** A tag that was put on an image so many milliseconds after the start. */
export function aPut(tag: string, afterMs: number): TagPut {
  return { tag, at: atMs(afterMs), commit: null };
}

/** So many milliseconds after the start, as registries write it. */
export function atMs(afterMs: number): string {
  return new Date(START + afterMs).toISOString().replace("Z", "000000Z");
}
