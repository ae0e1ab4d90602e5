import { z } from "zod";
import { captures, findAll, readPackageFile, textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

/** The part of a protos.json that is looked at: packages within packages, and services with their methods. */
type Descriptor = {
  readonly nested?: Readonly<Record<string, Descriptor>> | undefined;
  readonly methods?: Readonly<Record<string, unknown>> | undefined;
};

const Descriptor: z.ZodType<Descriptor> = z.lazy(() =>
  z.object({
    nested: z.record(z.string(), Descriptor).optional(),
    methods: z.record(z.string(), z.unknown()).optional(),
  }),
);

/** A service of an API. */
type Service = { readonly name: string; readonly methods: readonly string[] };

/** The kit stands for no API. */
const KIT = "emulators/kit";
const BODIES = "emulators/kit/body.ts";

/** What comes in is read by the kit, which has a bound for it. */
export function unboundedBodies(files: readonly TextFile[]): readonly string[] {
  const own = files.filter(
    ({ path }) => path.startsWith("emulators/") && path.endsWith(".ts") && path !== BODIES,
  );
  return findAll(own, /\breq\.(?:text|json|arrayBuffer|blob|formData|parseBody)\(.*/g);
}

/**
 * Every emulator has a README that names each method that it has an operation for, and each route that it
 * serves beside the API's descriptors.
 */
export function undescribedMethods(files: readonly TextFile[]): readonly string[] {
  const paths = files.map(({ path }) => path);
  const folders = captures(paths.join("\n"), /^(emulators\/[^/\n]+)\/.*\.ts$/gm);
  return [...new Set(folders)]
    .filter((folder) => folder !== KIT)
    .flatMap((folder) => undescribedIn(folder, files));
}

function undescribedIn(folder: string, files: readonly TextFile[]): readonly string[] {
  const readme = textOf(files, `${folder}/README.md`);
  if (readme === "") {
    return [`${folder} has no README.md`];
  }
  const own = files.filter(({ path }) => path.startsWith(`${folder}/`) && path.endsWith(".ts"));
  const source = own.map(({ text }) => text).join("\n");
  const known = new Set(readme.toLowerCase().match(/[\w-]+/g));
  const names = [...servedMethods(source), ...servedRoutes(own)];
  return [...new Set(names)]
    .filter((name) => !(readme.includes(name) || known.has(name.toLowerCase())))
    .map((name) => `${folder}/README.md does not name ${name}`);
}

/** The methods of the API's services that the emulator has an operation for. */
function servedMethods(source: string): readonly string[] {
  const protos = captures(source, /"((?:@[\w-]+\/)?[\w-]+\/build\/protos\/\w+\.json)"/g);
  return protos
    .flatMap((path) => servicesIn(Descriptor.parse(JSON.parse(readPackageFile(path)))))
    .filter(({ name }) => isNamed(source, name))
    .flatMap(({ methods }) => methods)
    .filter((method) => isServed(source, method));
}

/** Whether the emulator's source gives the service as text, alone or at the end of its full name. */
function isNamed(source: string, service: string): boolean {
  return new RegExp(`["'.\`]${service}["'\`]`).test(source);
}

/** Whether a method stands in a table of operations, written out or as in `Get${"Target"}`. */
function isServed(source: string, method: string): boolean {
  const verbs = captures(source, /`([A-Z]\w+)\$\{/g);
  return (
    new RegExp(`^\\s*${method}[:,]|\\b${method}: `, "m").test(source) ||
    verbs.some(
      (verb) => method.startsWith(verb) && source.includes(`"${method.slice(verb.length)}"`),
    )
  );
}

function servicesIn({ nested = {} }: Descriptor): readonly Service[] {
  return Object.entries(nested).flatMap(([name, descriptor]) => {
    const { methods } = descriptor;
    const own: readonly Service[] =
      methods === undefined ? [] : [{ name, methods: Object.keys(methods) }];
    return own.concat(servicesIn(descriptor));
  });
}

/** What fault plans call the routes beside the descriptors and the rows of tables, and the last fixed word of the other paths. */
function servedRoutes(files: readonly TextFile[]): readonly string[] {
  const texts = files.map(({ text }) => text).join("\n");
  const named = [...captures(texts, /\[\s*"([\w.]+)",\s*"(?:GET|POST|PUT|PATCH|DELETE)\b/g)];
  const paths = captures(texts, /\bapp\.(?:get|put|post|delete|patch)\(\s*["`]([^"`]+)["`]/g);
  const words = paths.map((path) => path.split("/").findLast((part) => /^[\w.]/.test(part)) ?? "");
  return [...named, ...words].filter((name) => name !== "");
}
