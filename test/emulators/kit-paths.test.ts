import { describe, expect, test } from "vitest";
import { compileTemplate, matchPath, toHttpRules } from "../../emulators/kit/http-rule.ts";

const TARGET = "/v1/{name=projects/*/locations/*/targets/*}";

describe("a path template", () => {
  test.each([
    [TARGET, "/v1/projects/p/locations/l/targets/t", { name: "projects/p/locations/l/targets/t" }],
    [TARGET, "/v1/projects/p/locations/l/targets/t/more", null],
    [TARGET, "/v2/projects/p/locations/l/targets/t", null],
    [
      `${TARGET}:rollback`,
      "/v1/projects/p/locations/l/targets/t:rollback",
      { name: "projects/p/locations/l/targets/t" },
    ],
    [`${TARGET}:rollback`, "/v1/projects/p/locations/l/targets/t", null],
    [TARGET, "/v1/projects/p/locations/l/targets/t:getIamPolicy", null],
    ["/v1/{name=images/*}", "/v1/images/web@sha256:12ab", { name: "images/web@sha256:12ab" }],
    ["/v1/{name=docs/**}", "/v1/docs/a/b:c", { name: "docs/a/b:c" }],
    ["/v1/{target.name=targets/*}", "/v1/targets/t", { "target.name": "targets/t" }],
    ["/v1/{parent=docs/*/**}/{id}", "/v1/docs/a/b/c/d", { parent: "docs/a/b/c", id: "d" }],
    ["/v1/{parent=docs/*/**}/{id}", "/v1/docs/a/b", { parent: "docs/a", id: "b" }],
    ["/v1/{parent=docs/*/**}/{id}", "/v1/docs/a", null],
    ["/v1/{id}", "/v1/a%2Fb%20c", { id: "a/b c" }],
    ["/v1/{name=packages/*}", "/v1/packages/a%2Fb%20c", { name: "packages/a%2Fb c" }],
    ["/v1/a.b", "/v1/axb", null],
  ])("%s says of %s: %j", (template, path, expected) => {
    const found = matchPath(compileTemplate(template), path);
    expect(found && Object.fromEntries(found.map((one) => [one.path, one.value]))).toEqual(
      expected,
    );
  });

  test("ranks a custom verb before a plain path, and a fixed path before an open one", () => {
    const templates = [
      "/v1/{name=**}",
      "/v1/{name=docs/*}",
      "/v1/{name=docs/*/pages/*}",
      "/v1/{name=docs/*}:get",
    ];
    const ranked = templates.toSorted(
      (left, right) => compileTemplate(right).rank - compileTemplate(left).rank,
    );
    expect(ranked).toEqual(templates.toReversed());
  });

  test("comes from a method's annotations, with every further binding", () => {
    const rules = toHttpRules([
      { "(google.api.method_signature)": "name" },
      {
        "(google.api.http)": {
          get: "/v1/{name=a/*}",
          additional_bindings: [
            { post: "/v1/{name=b/*}", body: "*" },
            { patch: "/v1/c", body: "thing" },
          ],
        },
      },
    ]);
    expect(rules).toEqual([
      { verb: "GET", template: "/v1/{name=a/*}", body: "" },
      { verb: "POST", template: "/v1/{name=b/*}", body: "*" },
      { verb: "PATCH", template: "/v1/c", body: "thing" },
    ]);
    expect(toHttpRules(undefined)).toEqual([]);
  });
});
