import type { EnvironmentSpec } from "./place.ts";

/** The permissions of a mounted secret: everybody may read it, nobody write. */
const READ_ONLY = 0o444;

/** The newest version is read when an instance starts, as the Managed Services Platform has it. */
const VERSION = "latest";

/** An environment variable that is filled from a secret, in a manifest. */
export type SecretVariable = {
  readonly name: string;
  readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
};

/** The secrets of an environment in the words of a manifest. */
export type SecretParts = {
  readonly env: readonly SecretVariable[];
  readonly volumes: readonly object[];
  readonly volumeMounts: readonly object[];
  /** The annotation that says which secret of another project an alias stands for; null when there is none. */
  readonly aliases: string | null;
};

/**
 * The secrets of an environment. One of its own project goes by its name; one of another project needs an
 * alias, which an annotation of the revision explains.
 * Source: https://cloud.google.com/run/docs/configuring/services/secrets
 */
export function toSecretParts({
  secretEnv,
  secretVolumes,
}: Pick<EnvironmentSpec, "secretEnv" | "secretVolumes">): SecretParts {
  const variables = byName(secretEnv);
  const mounts = byName(secretVolumes);
  const foreign = [
    ...variables.map(([, secret]) => secret),
    ...mounts.map(([, { secret }]) => secret),
  ]
    .filter((secret) => secret.includes("/"))
    .toSorted();
  const aliases = new Map([...new Set(foreign)].map((secret, at) => [secret, `secret-${at + 1}`]));
  const nameOf = (secret: string): string => aliases.get(secret) ?? secret;
  return {
    env: variables.map(([name, secret]) => ({
      name,
      valueFrom: { secretKeyRef: { name: nameOf(secret), key: VERSION } },
    })),
    volumes: mounts.map(([name, { secret, mountPath }]) => ({
      name,
      secret: {
        secretName: nameOf(secret),
        defaultMode: READ_ONLY,
        items: [{ key: VERSION, path: splitPath(mountPath).file }],
      },
    })),
    volumeMounts: mounts.map(([name, { mountPath }]) => ({
      name,
      mountPath: splitPath(mountPath).folder,
    })),
    aliases:
      aliases.size === 0
        ? null
        : [...aliases].map(([secret, alias]) => `${alias}:${secret}`).join(","),
  };
}

/** The entries of a map by their names: the order in which they are written says nothing. */
export function byName<Value>(
  map: Readonly<Record<string, Value>>,
): readonly (readonly [string, Value])[] {
  return Object.entries(map).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function splitPath(path: string): { readonly folder: string; readonly file: string } {
  const slash = path.lastIndexOf("/");
  return { folder: slash === 0 ? "/" : path.slice(0, slash), file: path.slice(slash + 1) };
}
