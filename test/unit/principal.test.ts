import { describe, expect, test } from "vitest";
import {
  normalAddress,
  normalPrincipal,
  personOf,
  toPrincipal,
} from "../../shared/domain/principal.ts";
import type { Principal } from "../../shared/domain/policy.ts";
import { complainAboutPrincipal, parsePrincipal } from "../../shared/wire/spec/principal.ts";

const NAME_LONGEST = "a".repeat(254 - "@example.com".length);

describe("the normal form of an address", () => {
  test.each([
    ["ann@example.com", "ann@example.com"],
    ["  Ann@EXAMPLE.com\t", "ann@example.com"],
    ["ann.bee@example.com", "ann.bee@example.com"],
    ["ann+ci@example.com", "ann+ci@example.com"],
    ["Ann.Bee@googlemail.com", "annbee@gmail.com"],
    ["an.n.b.ee@gmail.com", "annbee@gmail.com"],
    ["ann.bee@mail.gmail.com", "ann.bee@mail.gmail.com"],
    ["CI@p.IAM.gserviceaccount.com", "ci@p.iam.gserviceaccount.com"],
    [`${NAME_LONGEST}@example.com`, `${NAME_LONGEST}@example.com`],
  ])("of %j is %j", (text, normal) => {
    expect(normalAddress(text)).toBe(normal);
    expect(normalAddress(normal)).toBe(normal);
  });

  test.each([
    "",
    "ann",
    "@example.com",
    "ann@",
    "ann@example",
    "ann@@example.com",
    "ann@example.com@example.org",
    "ann bee@example.com",
    "ann@example.com.",
    "user:ann@example.com",
    "ann@example.com,bob@example.com",
    // The Kelvin sign and the dotless i, which become ASCII letters in lower or upper case.
    "\u212Aim@example.com",
    "ann@\u0131nside.com",
    `a${NAME_LONGEST}@example.com`,
  ])("of %j is none", (text) => {
    expect(normalAddress(text)).toBeNull();
  });
});

describe("the normal form of a principal", () => {
  test.each([
    ["user:Ann@Example.com", "user:ann@example.com"],
    ["group:SRE@Example.com", "group:sre@example.com"],
    ["domain:Example.COM", "domain:example.com"],
    ["user:ci@p.iam.gserviceaccount.com", "serviceAccount:ci@p.iam.gserviceaccount.com"],
    ["serviceAccount:ann@example.com", "user:ann@example.com"],
    [
      "serviceAccount:p@appspot.gserviceaccount.com",
      "serviceAccount:p@appspot.gserviceaccount.com",
    ],
    // A group keeps its kind, wherever it is.
    ["group:x@y.gserviceaccount.com", "group:x@y.gserviceaccount.com"],
    // Somebody's own domain that only begins or ends like Google's.
    ["user:a@gserviceaccount.com.example.com", "user:a@gserviceaccount.com.example.com"],
    ["user:a@notgserviceaccount.com", "user:a@notgserviceaccount.com"],
  ] as const)("of %s is %s", (written, normal) => {
    expect(normalPrincipal(written)).toBe(normal);
    expect(parsePrincipal(` ${written} `)).toBe(normal);
  });

  test.each(["user:", "group:sre", "domain:", "domain:example", "user:ann"] as const)(
    "of %s is none, so it names nobody",
    (written: Principal) => {
      expect(normalPrincipal(written)).toBeNull();
    },
  );
});

describe("who somebody is", () => {
  test.each([
    ["user:ann@example.com", "user:Ann@example.com", true],
    ["user:ann@example.com", "ANN+ci@example.com", true],
    ["user:ann.bee@gmail.com", "a.nnbee+x@googlemail.com", true],
    ["user:ann@example.com", "user:ann@example.org", false],
    ["user:ann.bee@example.com", "user:annbee@example.com", false],
    ["slipway", "Slipway", true],
    ["slipway", "user:slipway@example.com", false],
  ])("%s and %s are one person: %s", (one, other, isSame) => {
    expect(personOf(one) === personOf(other)).toBe(isSame);
  });

  test("is a service account by the address alone", () => {
    expect(toPrincipal("ci@p.iam.gserviceaccount.com")).toMatch(/^serviceAccount:/);
    expect(toPrincipal("gserviceaccount.com@example.com")).toMatch(/^user:/);
  });
});

describe("a principal that would let anybody is refused", () => {
  test.each(["allUsers", "allAuthenticatedUsers", "domain:gmail.com", "domain:GoogleMail.com"])(
    "as %s",
    (text) => {
      expect(complainAboutPrincipal(text)).toContain("would let anybody");
    },
  );

  test("but an address at Gmail is somebody's", () => {
    expect(complainAboutPrincipal("user:ann@gmail.com")).toBeNull();
  });
});
