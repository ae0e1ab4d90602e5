import { lookup as resolveName } from "node:dns";
import type { LookupAddress } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";

/**
 * What is no address of the internet: private networks, this machine, links, among them the metadata server of a cloud,
 * documentation, multicast, and what is reserved.
 * Source: https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml
 */
const PRIVATE_IPV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/**
 * Only this part of IPv6 is the internet, without what stands for an IPv4 address in it, and documentation.
 * Source: https://www.iana.org/assignments/ipv6-address-space/ipv6-address-space.xhtml
 */
const INTERNET_IPV6: readonly [string, number] = ["2000::", 3];
const PRIVATE_IPV6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const barred = new BlockList();
for (const [address, bits] of PRIVATE_IPV4) {
  barred.addSubnet(address, bits, "ipv4");
}
for (const [address, bits] of PRIVATE_IPV6) {
  barred.addSubnet(address, bits, "ipv6");
}
const internet = new BlockList();
internet.addSubnet(...INTERNET_IPV6, "ipv6");

/** Whether an address, as numbers, is one of the internet. What is no address is none. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !barred.check(address, "ipv4");
    case 6:
      return internet.check(address, "ipv6") && !barred.check(address, "ipv6");
    default:
      return false;
  }
}

/** Why nobody is spoken to at an address. */
export const NOT_PUBLIC = "leads to an address that is not of the internet";

/**
 * Looks a name up for a connection, and refuses whatever does not lead to the internet alone. It is asked at the moment
 * of connecting, and the connection goes where it says: a name that leads elsewhere afterwards gains nothing. A host
 * that is written as numbers is not looked up, and is to be judged before.
 */
export function publicOnly(resolve: LookupFunction = resolveName): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      const addresses: readonly LookupAddress[] = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error !== null) {
        done(error, "");
      } else if (
        first === undefined ||
        !addresses.every(({ address }) => isPublicAddress(address))
      ) {
        done(new Error(`${host} ${NOT_PUBLIC}`), "");
      } else if (options.all === true) {
        done(null, [...addresses]);
      } else {
        done(null, first.address, first.family);
      }
    });
  };
}
