import type { Guard } from "../kit/access/guard.ts";
import type { BlobWriter } from "../kit/blob-store.ts";
import type { FaultPlan } from "../kit/faults.ts";
import { locationOf, packageAt } from "./names.ts";
import { registryError } from "./registry-error.ts";
import type { Registry } from "./state.ts";

/** A blob that is being uploaded. */
export type Upload = {
  readonly id: string;
  /** The package that it was begun for. */
  readonly inPackage: string;
  readonly writer: BlobWriter;
  usedMs: number;
  /** Whether a request is appending. */
  isBusy: boolean;
};

/** What the routes work on. */
export type Distribution = {
  readonly registry: Registry;
  /** The uploads under way, by id. They do not outlive the process; clients begin again. */
  readonly uploads: Map<string, Upload>;
  /** The largest blob that is taken, in bytes. */
  readonly blobBytesMax: number;
  /** Where a push goes whose name and host have no location. */
  readonly defaultLocation: string;
  readonly faults: FaultPlan;
  /** Undefined asks nobody who they are. */
  readonly guard: Guard | undefined;
};

/** One request of the distribution API, with what its path says worked out. */
export type Exchange = Distribution & {
  readonly request: Request;
  readonly url: URL;
  /** The name as the client wrote it, which goes into every Location. */
  readonly name: string;
  /** The package that it stands for. */
  readonly inPackage: string;
  /** The last part of the path: a digest, a tag or the id of an upload; empty when there is none. */
  readonly reference: string;
};

/** Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/** The specification warns that clients limit names to so many characters; others do not get far. */
const NAME_LENGTH_MAX = 255;

/**
 * The package that a name in the distribution API stands for. `<project>/<repository>/<image…>` is in
 * the default location, unless the name starts with a host `<location>-docker.pkg.dev` or the
 * request was sent to one.
 * @throws RegistryError NAME_INVALID when the name breaks the grammar or has fewer than three parts.
 */
export function packageFor(
  { defaultLocation }: Pick<Distribution, "defaultLocation">,
  request: Request,
  name: string,
): string {
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) {
    throw registryError("NAME_INVALID", `Invalid name "${name}"`);
  }
  const isPlaced = locationOf(name.split("/", 1)[0] ?? "") !== null;
  const location = locationOf(request.headers.get("host") ?? "") ?? defaultLocation;
  const found = packageAt(isPlaced ? name : `${location}-docker.pkg.dev/${name}`);
  if (found === null) {
    throw registryError(
      "NAME_INVALID",
      "Missing image name. Pushes should be of the form docker push HOST-NAME/PROJECT-ID/REPOSITORY/IMAGE",
    );
  }
  return found;
}
