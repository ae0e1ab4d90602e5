import { show } from "./explain-issue.ts";

const SEGMENTS = 4;

/**
 * What is wrong with a secret that is named alone or as `projects/P/secrets/S`, or null. Upstream finds these
 * mistakes only when it renders.
 */
export function complainAboutSecret(secret: string): string | null {
  if (secret.includes("/versions/")) {
    return `must name a secret without its version, not ${show(secret)}`;
  }
  if (secret.startsWith("project/")) {
    return `must start with projects/, not project/: ${show(secret)}`;
  }
  const segments = secret.split("/");
  const complete = segments.length === SEGMENTS && segments[2] === "secrets";
  return secret.startsWith("projects/") && !complete
    ? `must be projects/<project>/secrets/<name>, not ${show(secret)}`
    : null;
}

/** What is wrong with the path of a mounted secret, or null: upstream wants an absolute path of a file. */
export function complainAboutMountPath(path: string): string | null {
  if (path === "") {
    return "must be the absolute path of a file, such as /etc/secrets/key.json";
  }
  if (!path.startsWith("/")) {
    return `must be absolute, not ${show(path)}`;
  }
  return path.endsWith("/") ? `must name a file, not the folder ${show(path)}` : null;
}
