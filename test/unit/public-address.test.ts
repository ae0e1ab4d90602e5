import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { describe, expect, test } from "vitest";
import { isPublicAddress, publicOnly } from "../../shared/adapters/public-address.ts";

describe("an address of the internet", () => {
  test.each([
    "8.8.8.8",
    "1.1.1.1",
    "172.15.255.255",
    "172.32.0.0",
    "100.63.255.255",
    "223.255.255.255",
  ])("is %s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  test.each(["2001:4860:4860::8888", "2606:4700::1111", "2a00:1450:4001:82a::200e"])(
    "is %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "64:ff9b::a9fe:a9fe",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "metadata.google.internal",
    "0x7f.1",
    "2130706433",
    "",
  ])("is not %j", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

/** A name server that gives one name these addresses. */
function resolver(...addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address): LookupAddress => ({ address, family: 4 }));
  return (_host, _options, done) => {
    done(null, found);
  };
}

const unknown: LookupFunction = (_host, _options, done) => {
  done(new Error("ENOTFOUND"), "");
};

async function lookUp(resolve: LookupFunction, all: boolean): Promise<unknown> {
  const { promise, resolve: settle } = Promise.withResolvers<unknown>();
  publicOnly(resolve)("hooks.example.com", { all }, (error, found) => {
    settle(error === null ? found : error.message);
  });
  return promise;
}

describe("a name that is looked up for a connection", () => {
  test("leads where it leads, if that is the internet", async () => {
    expect(await lookUp(resolver("8.8.8.8"), false)).toBe("8.8.8.8");
    expect(await lookUp(resolver("8.8.8.8", "1.1.1.1"), true)).toEqual([
      { address: "8.8.8.8", family: 4 },
      { address: "1.1.1.1", family: 4 },
    ]);
  });

  test.each([[["169.254.169.254"]], [["8.8.8.8", "127.0.0.1"]], [["10.1.2.3", "8.8.8.8"]], [[]]])(
    "leads nowhere with the addresses %j",
    async (addresses) => {
      const told = "hooks.example.com leads to an address that is not of the internet";
      expect(await lookUp(resolver(...addresses), true)).toBe(told);
      expect(await lookUp(resolver(...addresses), false)).toBe(told);
    },
  );

  test("says why it is not known", async () => {
    expect(await lookUp(unknown, true)).toBe("ENOTFOUND");
  });
});
