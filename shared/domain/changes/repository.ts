/** A repository on a host, however it is written: with a scheme, as SSH's address, with `.git`. */
const REPOSITORY =
  /^(?:https?:\/\/|ssh:\/\/|git\+https:\/\/)?(?:[\w.-]+@)?(?<host>[\w.-]+)[/:](?<path>[\w.~-]+(?:\/[\w.~-]+)+)\/?$/;

/** Where a repository is: the host in small letters, and the path on it without `.git`. */
export type Repository = { readonly host: string; readonly path: string };

/** Reads how `build.source.repo` names a repository; null for what names none. */
export function readRepository(text: string): Repository | null {
  const { host = "", path = "" } = REPOSITORY.exec(text)?.groups ?? {};
  return host === "" ? null : { host: host.toLowerCase(), path: path.replace(/\.git$/, "") };
}
