import { parse } from "yaml";
import { renderRelease } from "../../infra/render/render-release.ts";
import { placeService } from "../../infra/plan/place-service.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { edit, readSpec, usable } from "./spec-support.ts";

/** A service with the stages dev and prod. */
export const BASE = readSpec("base");

/** The files of a specification by their path. */
export function render(text: string): Readonly<Record<string, string>> {
  const spec = usable(text);
  const service = place(spec);
  return Object.fromEntries(renderRelease(spec, service).map((file) => [file.path, file.text]));
}

/** The manifest of the last environment, in which the changed text is. */
export function manifest(text: string): unknown {
  return parse(render(text)["manifests/prod.yaml"] ?? "");
}

/** The base with other lines in its last environment. */
export function withLines(...lines: readonly string[]): string {
  return edit(BASE, [
    "    env: {LOG_LEVEL: info}\n",
    lines.map((line) => `    ${line}\n`).join(""),
  ]);
}

/** The service of a specification in an installation of its own. */
export function place(spec: ServiceSpec, pipelineProject: "own" | "last-stage" = "own"): Service {
  const placing = { project: "slipway", pipelineProject, sourcesBucket: "sources" };
  return placeService(placing, spec, null);
}
