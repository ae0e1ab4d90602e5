import type { z } from "zod";
import { changesTo } from "../../shared/app/changes.ts";
import type { ChangesWish } from "../../shared/app/changes.ts";
import { findRelease } from "../../shared/app/explain.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import { toChangesView } from "../../shared/wire/api/changes.ts";
import type { ChangesView } from "../../shared/wire/api/changes.ts";
import type { RequestContext } from "./context.ts";

/** What goes to an environment with a release; null when the release is not known. */
export async function changesView(
  context: RequestContext,
  state: ServiceState,
  wish: Omit<ChangesWish, "release"> & { readonly release: ReleaseId },
): Promise<z.output<typeof ChangesView> | null> {
  const { ports } = context.get("wiring");
  const release = await findRelease(ports, state, wish.release);
  if (release === null) {
    return null;
  }
  const { id: service, source } = state.service;
  const place = { service, environment: wish.environment.id, folder: source?.dir ?? null };
  return toChangesView(await changesTo(ports, state, { ...wish, release }), place);
}
