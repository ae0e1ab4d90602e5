import { describe, expect, test } from "vitest";
import { problemsBetween, problemsWithApplied } from "../../infra/plan/neighbours.ts";
import { aService, anEnvironment } from "../support/builders.ts";
import { smallSpec } from "../support/local-spec.ts";
import { edit } from "./spec-support.ts";

const WEB = { path: "a/service.yaml", text: smallSpec("web") };
const DOCS = { path: "b/service.yaml", text: smallSpec("docs") };

function shown(path: string, ...files: readonly { path: string; text: string }[]): unknown {
  const problems = problemsBetween(files).get(path) ?? [];
  return problems.map(({ severity, path: at, message }) => `${severity} ${at}: ${message}`);
}

describe("files that are checked together", () => {
  test("have nothing in common when they are of different services", () => {
    expect(shown(WEB.path, WEB, DOCS)).toEqual([]);
    expect(shown(WEB.path, WEB)).toEqual([]);
  });

  test("are refused when they have one id, whatever else is in them", () => {
    const twin = { path: "b/service.yaml", text: smallSpec("web") };
    const broken = { path: "b/service.yaml", text: "service: {id: web}\n" };
    for (const other of [twin, broken]) {
      expect(shown(WEB.path, WEB, other)).toEqual([
        "error service.id: is the id in b/service.yaml too: each would undo what the other applies",
      ]);
      expect(shown(other.path, WEB, other)).toEqual([
        "error service.id: is the id in a/service.yaml too: each would undo what the other applies",
      ]);
    }
  });

  test("are warned of one image and one project, at their places", () => {
    const image = /image: (\S+)/.exec(WEB.text)?.[1] ?? "";
    const own = /image: (\S+)/.exec(DOCS.text)?.[1] ?? "";
    const other = { ...DOCS, text: edit(DOCS.text, [own, image]) };
    expect(shown(DOCS.path, WEB, other)).toEqual([
      "warning build.image: is the image of service web in a/service.yaml too: each push makes a release of both",
    ]);
    const near = { ...WEB, text: edit(WEB.text, ["web-dev-1a2b", "web-dev-prod-1a2b"]) };
    const far = { path: "c/service.yaml", text: smallSpec("web-dev") };
    expect(shown(far.path, near, far)).toEqual([
      "warning environments[1].projectID: is the project of dev of service web in a/service.yaml too: a service should have its own",
    ]);
  });

  test("may be no YAML, or no mapping", () => {
    for (const text of ["", "a: [", "- a", "service: 1", "service: {id: [web]}"]) {
      expect(shown("x", { path: "x", text }, WEB)).toEqual([]);
    }
  });
});

describe("services that are applied", () => {
  const image = /image: (\S+)/.exec(WEB.text)?.[1] ?? "";

  test("are not compared with their own file", () => {
    const service = aService({ image });
    expect(service.id).toBe("web");
    expect(problemsWithApplied(WEB, [service])).toEqual([]);
  });

  test("are named where a file has their image or one of their projects", () => {
    const environments = [anEnvironment("qa", { project: "docs-prod-1a2b" })];
    const service = aService({ image, environments });
    const text = edit(DOCS.text, [/image: (\S+)/.exec(DOCS.text)?.[1] ?? "", image]);
    const problems = problemsWithApplied({ ...DOCS, text }, [service]);
    expect(
      problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`),
    ).toEqual([
      "warning build.image: is the image of service web in this installation too: each push makes a release of both",
      "warning environments[1].projectID: is the project of qa of service web in this installation too: a service should have its own",
    ]);
  });
});
