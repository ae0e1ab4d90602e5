import { startGithub } from "../../emulators/github/server.ts";
import type { RunningGithub } from "../../emulators/github/server.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { LOCAL_GITHUB } from "./github-secret.ts";

/** Where the local GitHub is, and where it keeps what it is told. */
type Place = { readonly port: number; readonly persistence: Persistence | undefined };

/** Starts the local GitHub: a repository and a commit are made when they are named, so that every service can be seen. */
export async function startLocalGithub(place: Place): Promise<RunningGithub> {
  return startGithub({ ...place, app: { token: LOCAL_GITHUB.token }, makesCommits: true });
}
