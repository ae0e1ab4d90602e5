import type { EnvironmentId, ServiceId, SpecRevision } from "./ids.ts";
import type { NotifyRule } from "./notices/channel.ts";
import type { Policy, Principal } from "./policy.ts";

/** How much care an environment asks for; MSP's words. */
export type Category = "test" | "internal" | "external";

/** How images reach an environment: by the pipeline, by following a tag, or only when asked. */
export type DeployType =
  | { readonly kind: "rollout" }
  | { readonly kind: "subscription"; readonly tag: string }
  | { readonly kind: "manual"; readonly tag: string };

/** Which tags make a release. Signature and attestation tags never do. */
export type TagPolicy =
  | { readonly kind: "any" }
  | { readonly kind: "pattern"; readonly pattern: string }
  | { readonly kind: "semver"; readonly range: string };

/** What makes a release newer than another: when its tag was put, its semantic version, or its build number. */
export type OrderPolicy = "pushed" | "semver" | "build";

/** What happens to a release that arrives while a stage is busy: only the newest waits, or all do. */
export type QueuePolicy = "latest" | "all";

/** A Cloud Deploy delivery pipeline. */
export type PipelineRef = {
  readonly project: string;
  readonly location: string;
  readonly id: string;
};

/** Where a service runs. */
export type Environment = {
  readonly id: EnvironmentId;
  readonly category: Category;
  readonly project: string;
  readonly region: string;
  /** Place in the rollout order from 0; null for an environment outside the pipeline's stages. */
  readonly stage: number | null;
  readonly deploy: DeployType;
  readonly pipeline: PipelineRef;
  /** The Cloud Deploy target's id, in the pipeline's project and location. */
  readonly target: string;
  /** The Cloud Run service's id in the environment's own project and region. */
  readonly runService: string;
  /** The name under which people reach the service, such as `web.example.com`, or null. */
  readonly domain: string | null;
  /** Whether the specification gives the environment a PostgreSQL database. */
  readonly hasDatabase: boolean;
  readonly policy: Policy;
};

/** Where the source of an image lives, as service.yaml says. */
export type BuildSource = { readonly repo: string; readonly dir: string | null };

/** What one service.yaml describes, with every default applied. */
export type Service = {
  readonly id: ServiceId;
  readonly name: string;
  readonly kind: "service" | "job";
  /** Whether a release is the whole service, or changes its image and leaves the rest to others. */
  readonly manages: "service" | "image";
  readonly owners: readonly string[];
  /** The image's repository without tag or digest, such as `us-central1-docker.pkg.dev/p/r/i`. */
  readonly image: string;
  /** Null where service.yaml does not say. */
  readonly source: BuildSource | null;
  /** Names what is deployed: it changes when releases that are made from now on would be rendered differently. */
  readonly revision: SpecRevision;
  /** Names the whole specification, so that applying the same specification again changes nothing. */
  readonly fingerprint: string;
  /** `gs://` address of the archive that Cloud Deploy renders, made for this revision. */
  readonly sourceUri: string;
  /** The continuous integration's account that may create releases. */
  readonly releaser: Principal | null;
  readonly tags: TagPolicy;
  readonly order: OrderPolicy;
  readonly queue: QueuePolicy;
  /** Other services with which this one shares an image or a place. Each of them has to name this one too. */
  readonly sharesWith: readonly string[];
  /** Where people are told, and of what; null where service.yaml does not say: then by default. */
  readonly notify: readonly NotifyRule[] | null;
  /** Stages first, in rollout order; then the environments outside the pipeline. */
  readonly environments: readonly Environment[];
};
