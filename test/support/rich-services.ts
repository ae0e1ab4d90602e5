import { serviceId, specRevision } from "../../shared/domain/ids.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { days, minutes } from "../../shared/domain/time.ts";
import { anEnvironment, aPolicy, aService } from "./builders.ts";

/** People whom only specifications name. */
export const NAMED = {
  promoter: "ann@example.com",
  approver: "ben@example.com",
  breaker: "gil@example.com",
} as const;

/** How texts are said that somebody outside writes: as they are, or with whatever a test adds to them. */
export type Words = {
  /** What the API takes of a person: at most 1,000 characters. */
  readonly say: (text: string) => string;
  /** What comes from elsewhere, of any length. */
  readonly shout: (text: string) => string;
};

const IMAGES = "us-central1-docker.pkg.dev/slipway/apps";

/** An environment whose names are the service's own. */
function place(service: string, id: string, parts: Partial<Environment> = {}): Environment {
  return anEnvironment(id, {
    project: `${service}-${id}-0a1b`,
    target: `${service}-${id}`,
    runService: `${service}-${id}`,
    pipeline: { project: "slipway", location: "us-central1", id: `${service}-us-central1` },
    ...parts,
  });
}

/** The jobs that change the shop's data: for what comes, and of what releases before needed. */
export const SHOP_JOBS = ["migrate", "contract"].map(
  (job) => `projects/shop-prod-0a1b/locations/us-central1/jobs/${job}`,
);

/** A database, a backup before each release, and a migration afterwards that a person starts and nobody undoes. */
export function shop({ shout }: Words, revision = "0a1b2c"): Service {
  const policy = aPolicy({
    alerts: { block: ["CRITICAL"], warn: ["WARNING"] },
    backup: { cloudSql: true, gkePlan: null, retain: days(30), maxAge: minutes(0) },
    migrations: {
      before: { job: "migrate" },
      after: { job: "contract", start: "manual", reversible: false },
    },
  });
  const guarded = { stage: 1, category: "internal" as const, hasDatabase: true, policy };
  return aService({
    id: serviceId("shop"),
    name: shout("Shop"),
    owners: [shout("storefront"), "payments"],
    image: `${IMAGES}/shop`,
    source: { repo: "github.com/example/shop", dir: "cmd/shop" },
    revision: specRevision(revision),
    fingerprint: revision,
    environments: [place("shop", "dev"), place("shop", "prod", guarded)],
  });
}

/** Three stages, of which the last asks for somebody else's approval, and names who may do what. */
export function bank({ shout }: Words): Service {
  const policy = aPolicy({
    access: {
      promote: [`user:${NAMED.promoter}`],
      approve: [`user:${NAMED.approver}`],
      breakGlass: [`user:${NAMED.breaker}`],
    },
    approvals: { required: 1, from: [], notRequester: true, notAuthor: true },
  });
  return aService({
    id: serviceId("bank"),
    name: shout("Bank"),
    owners: [shout("payments")],
    image: `${IMAGES}/bank`,
    environments: [
      place("bank", "dev"),
      place("bank", "staging", { stage: 1, category: "internal", policy: aPolicy() }),
      place("bank", "prod", { stage: 2, category: "external", policy }),
    ],
  });
}

/** Two stages that ask for nothing. */
export function simple(id: string, name: string): Service {
  return aService({
    id: serviceId(id),
    name,
    image: `${IMAGES}/${id}`,
    environments: [
      place(id, "dev"),
      place(id, "prod", { stage: 1, category: "internal", policy: aPolicy() }),
    ],
  });
}
