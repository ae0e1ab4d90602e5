import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Message } from "../kit/call.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type Page, paginate } from "../kit/page.ts";
import { type Rule, textAt } from "../kit/access/rules.ts";
import { ANY, idOf, isChildOf } from "./names.ts";

/** A resource of any kind; its name says where it is. */
type Named = { readonly name: string };

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

const Labelled = z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()) }) });

const Text = z.string().optional();

/** What any method of version 1 takes beside a body. */
export const KnativeRequest = z.strictObject({
  namespace: z.string(),
  location: Text,
  name: Text,
  labelSelector: Text,
  fieldSelector: Text,
  limit: z.int().optional(),
  continue: Text,
  dryRun: Text,
  propagationPolicy: Text,
  apiVersion: Text,
  kind: Text,
});

/** The same with a body, of which what is not known is ignored. */
export const KnativeBody = z.looseObject(KnativeRequest.shape);

/** What deleting answers. */
export const SUCCESS = { apiVersion: "v1", kind: "Status", status: "Success" };

/** Whether a request only asks if it would be taken. */
export function isDryRun(request: Message): boolean {
  return textAt(request, "dryRun") === "all";
}

/**
 * Where a request of version 1 looks: its namespace is a project, and the region is in the name of the host, as in
 * `us-central1-run.googleapis.com`. Without one, it is every region.
 */
export function placeIn(request: Message): string {
  const location = textAt(request, "location") || textAt(request, "region");
  return `projects/${textAt(request, "namespace")}/locations/${location || ANY}`;
}

/** The region of a host's name. */
export function fromHost(host: string): Message {
  return { region: /^[a-z]+-[a-z]+\d+(?=-)/.exec(host)?.[0] ?? "" };
}

/** The full name of what a request names, as `kind` has it. Without a region it is the one of that name, in any. */
export function nameIn(
  request: Message,
  kind: string,
  records: ReadonlyMap<string, Named>,
): string {
  const id = textAt(request, "name");
  const place = placeIn(request);
  const found = [...records.values()].find(
    ({ name }) => idOf(name) === id && isChildOf(name, `${place}/${kind}`),
  );
  return found?.name ?? `${place}/${kind}/${id}`;
}

/** What is in the place that a request names. */
export function inPlace<T extends Named>(
  request: Message,
  records: ReadonlyMap<string, T>,
): readonly T[] {
  return [...records.values()].filter(({ name }) => isChildOf(name, placeIn(request)));
}

/**
 * One page of a list, of those items that have the labels asked for. `kind` is such as `serving.knative.dev/v1` and
 * `Service`.
 * @throws GoogleError INVALID_ARGUMENT for another selector than `label = value`
 */
export function listed(
  request: Message,
  [apiVersion, kind]: readonly [string, string],
  all: readonly object[],
): object {
  const wanted = selectorOf(textAt(request, "labelSelector"));
  const items = all.filter((item) => {
    const { labels } = Labelled.parse(item).metadata;
    return wanted.every(([label, value]) => labels[label] === value);
  });
  const asked = {
    pageSize: Number(request["limit"] ?? 0),
    pageToken: textAt(request, "continue"),
  };
  const page: Page<object> = paginate(items, asked, PAGE_LIMITS);
  const metadata = page.nextPageToken === "" ? {} : { continue: page.nextPageToken };
  return { apiVersion, kind: `${kind}List`, metadata, items: page.items };
}

function selectorOf(text: string): readonly (readonly [string, string])[] {
  return text
    .split(",")
    .filter((term) => term.trim() !== "")
    .map((term) => {
      const [, label, value = ""] = /^\s*([^=!\s]+)\s*==?\s*(\S*)\s*$/.exec(term) ?? [];
      if (label === undefined) {
        throw badRequest("labelSelector", `A label selector must be label=value, not "${term}"`);
      }
      return [label, value];
    });
}

/**
 * Refuses a change based on an older version of a resource.
 * @throws GoogleError ABORTED
 */
export function checkVersion(
  request: Message,
  current: Named & { readonly version: number },
): void {
  const given = textAt(request, "metadata.resourceVersion");
  if (given !== "" && given !== String(current.version)) {
    throw googleError(
      "ABORTED",
      `Conflict for resource '${idOf(current.name)}': version '${given}' was specified but current version is '${current.version}'.`,
    );
  }
}

/**
 * A specification after somebody wrote it in version 1. `before` is what it was in their form: what they did not change
 * stays as it is, also where version 1 has no words for it.
 */
export function rewritten<Spec extends object>(current: Spec, before: Spec, given: Spec): Spec {
  const was = new Map(Object.entries(before));
  const changed = Object.entries(given).filter(
    ([key, value]) => !isDeepStrictEqual(value, was.get(key)),
  );
  const kept = Object.entries(current).filter(
    ([key]) => !was.has(key) || Object.hasOwn(given, key),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- fields of three values of one type
  return Object.fromEntries([...kept, ...changed]) as Spec;
}

/** A permission on what a request is about. */
export function needed(permission: string, resourceOf: (request: Message) => string): Rule {
  return (request) => [{ permission, resource: resourceOf(request) }];
}
