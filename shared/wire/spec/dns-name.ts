/** The domain of an environment as it is written. */
type WrittenDomain = {
  readonly cloudflare?: { readonly subdomain: string; readonly zone: string } | undefined;
};

/**
 * The name under which a service is reached in an environment; empty when it has none. Upstream takes the name
 * from `cloudflare`, whatever `type` says.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform/spec, GetDNSName)
 */
export function dnsNameOf({ domain }: { readonly domain?: WrittenDomain | undefined }): string {
  const { subdomain = "", zone = "" } = domain?.cloudflare ?? {};
  return subdomain === "" || zone === "" ? "" : `${subdomain}.${zone}`;
}
