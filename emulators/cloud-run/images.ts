import { createHash } from "node:crypto";
import type { CatalogImage, ImageCatalog } from "../kit/image-catalog.ts";
import type { Failure, RunningImage } from "./state.ts";
import type { Container } from "./pod-spec.ts";

/** The parts of `host/project/repository/image[:tag][@digest]`. */
const REFERENCE =
  /^(?<repository>[^@]+?)(?::(?<tag>[^/:@]+))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** The one platform there is. Source: https://cloud.google.com/run/docs/container-contract#languages */
const PLATFORM = "linux/amd64";

/** What the containers of a template run. */
export type ResolvedImages = {
  /** With every image as its repository and digest. */
  readonly containers: Container[];
  /** By container; null where there is no such image. */
  readonly images: readonly (RunningImage | null)[];
  /** The image of the container that answers requests. */
  readonly own: RunningImage | null;
  /** Why it cannot be run, as far as the images alone say. */
  readonly failure: Failure | null;
};

/** Resolves the images of containers to their digests, once and for ever. */
export function resolveImages(
  catalog: ImageCatalog | null,
  containers: readonly Container[],
): ResolvedImages {
  const images = containers.map(({ image }) => resolveImage(catalog, image));
  const failures = containers.map(({ image }, at) => refuseImage(image, images[at] ?? null));
  const own = ingressContainer(containers);
  return {
    containers: containers.map((container, at) => ({
      ...container,
      image: images[at]?.reference ?? container.image,
    })),
    images,
    own: images[containers.findIndex((container) => container === own)] ?? null,
    failure: failures.find((failure) => failure !== null) ?? null,
  };
}

/** The container that answers requests: the only one, or the one with a port. */
export function ingressContainer(containers: readonly Container[]): Partial<Container> {
  return containers.find(({ ports = [] }) => ports.length > 0) ?? containers[0] ?? {};
}

/** Whether an image can be started: of what nobody knows the platform, that is believed. */
export function isRunnable({ runsOn }: Pick<RunningImage, "runsOn">): boolean {
  return runsOn === undefined || runsOn.platforms.includes(PLATFORM);
}

/**
 * A reference without tag or digest means the tag `latest`. Without a catalog every image exists; its digest is the one
 * given, or made from the text. Text of another form is taken as a repository.
 * Source: https://cloud.google.com/artifact-registry/docs/integrate-cloud-run
 */
function resolveImage(catalog: ImageCatalog | null, reference: string): RunningImage | null {
  const groups = REFERENCE.exec(reference)?.groups ?? {};
  const {
    repository = reference,
    tag,
    digest = `sha256:${digestOf(reference).toString("hex")}`,
  } = groups;
  const invented: CatalogImage = { digest, tags: [], config: { env: [], labels: {} } };
  const found = catalog === null ? invented : catalog.find(reference);
  return (
    found && {
      ...found,
      reference: `${repository}@${found.digest}`,
      tag: tag ?? found.tags[0] ?? null,
    }
  );
}

/** A variable of the container that answers requests: its own, or else its image's. */
export function variableOf(
  containers: readonly Container[],
  image: RunningImage | null,
  name: string,
): string | undefined {
  const own = ingressContainer(containers).env?.find((variable) => variable.name === name);
  const entry = image?.config.env.find((one) => one.startsWith(`${name}=`));
  return own?.value ?? entry?.slice(name.length + 1);
}

/**
 * That an image, as far as it is there, is none for Cloud Run: it is not in the registry, or an index without one for
 * the platform. A single image for another platform is taken, and does not start.
 * Source of the second: https://github.com/GoogleCloudPlatform/jit-groups/issues/693; its reason is unconfirmed.
 */
function refuseImage(reference: string, image: RunningImage | null): Failure | null {
  const reason = "CONTAINER_MISSING";
  if (image === null) {
    return { status: "NOT_FOUND", reason, message: `Image '${reference}' not found.` };
  }
  const index = image.runsOn?.index ?? null;
  const message = `Cloud Run does not support image '${reference}': Container manifest type '${index}' must support amd64/linux.`;
  return index === null || isRunnable(image)
    ? null
    : { status: "FAILED_PRECONDITION", reason, message };
}

const SUFFIX_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A few letters and digits that always are the same for the same cause, as in `api-00001-x7q`. */
export function suffixFor(cause: string, length: number): string {
  const bytes = digestOf(cause).subarray(0, length);
  return [...bytes].map((byte) => SUFFIX_LETTERS.charAt(byte % SUFFIX_LETTERS.length)).join("");
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
