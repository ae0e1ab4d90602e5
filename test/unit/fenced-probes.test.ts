import { expect, test } from "vitest";
import { fencedProblems } from "../../infra/plan/fenced-probes.ts";
import { placesOf } from "../../infra/render/place.ts";
import { BASE, place } from "./render-support.ts";
import { edit, usable } from "./spec-support.ts";

const DOMAIN = "    domain: {type: cloudflare, cloudflare: {subdomain: web, zone: example.com}}\n";

/** Where the problems are of a specification whose prod has no domain, with this for its delivery. */
function pathsOf(prod: string, base = edit(BASE, [DOMAIN, ""])): readonly string[] {
  const text = `${base}delivery: {environments: {prod: ${prod}}}\n`;
  const spec = usable(text);
  return fencedProblems(text, placesOf(spec, place(spec))).map(({ path }) => path);
}

test("a service that only its load balancer reaches, without any name, cannot be verified", () => {
  expect(pathsOf("{verify: {}}")).toEqual(["delivery.environments.prod.verify"]);
  expect(pathsOf("{verify: {}, runtime: {ingress: internal}}")).toHaveLength(1);
});

test.each([
  ["nothing is verified", "{soak: 1h}", undefined],
  ["there is a url", "{verify: {url: https://web.example.com}}", undefined],
  ["everybody may ask", "{verify: {}, runtime: {ingress: all}}", undefined],
  ["there is a domain", "{verify: {}}", BASE],
])("there is nothing to tell where %s", (_, prod, base) => {
  expect(pathsOf(prod, base)).toEqual([]);
});
