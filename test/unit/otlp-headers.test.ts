import { expect, test } from "vitest";
import { readConfig } from "../../shared/config.ts";
import { parseOtlpHeaders } from "../../shared/wire/otlp-headers.ts";

test.each([
  ["", {}],
  ["api-key=abc", { "api-key": "abc" }],
  [" A = b%20c , d=e=f,", { a: "b c", d: "e=f" }],
  ["authorization=Basic%20dTpw%3D%3D", { authorization: "Basic dTpw==" }],
])("the headers %s are read", (text, headers) => {
  expect(parseOtlpHeaders(text)).toEqual({ ok: true, value: headers });
});

test.each(["secret", "=secret", "a b=secret", "key=%zz", "key=secret%0d%0ax: y", "key="])(
  "the headers %j are refused, and not told",
  (text) => {
    const read = parseOtlpHeaders(text);
    expect(read).toMatchObject({ ok: false });
    expect(JSON.stringify(read)).not.toContain("secret");
  },
);

test("a collector with too many headers is refused", () => {
  const many = Array.from({ length: 21 }, (_, index) => `h${index}=x`).join(",");
  expect(parseOtlpHeaders(many)).toMatchObject({ ok: false });
});

test("nobody is told of traces unless an address is given", () => {
  const variables = { SLIPWAY_PROJECT: "acme", SLIPWAY_OTLP_HEADERS: "a=b" };
  expect(readConfig(variables).telemetry).toBeNull();
  const endpoint = { SLIPWAY_OTLP_ENDPOINT: "https://otlp.example.com/" };
  expect(readConfig({ ...variables, ...endpoint }).telemetry).toEqual({
    endpoint: "https://otlp.example.com",
    headers: { a: "b" },
    headersSecret: null,
  });
  expect(() => readConfig({ ...variables, SLIPWAY_OTLP_HEADERS: "nonsense" })).toThrow(
    "SLIPWAY_OTLP_HEADERS",
  );
  expect(() => readConfig({ ...variables, SLIPWAY_OTLP_HEADERS_SECRET: "otlp" })).toThrow(
    "SLIPWAY_OTLP_HEADERS_SECRET",
  );
});
