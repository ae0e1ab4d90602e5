import type { Method } from "../../emulators/kit/method.ts";
import { type Texts, toCamelCase } from "./alike.ts";

/** What is always called the same. */
const FIXED: Readonly<Record<string, string>> = {
  projects: "acme",
  locations: "us-central1",
  versions: "1",
};

const VARIABLE = /\{([^=}]+)(?:=([^}]*))?\}/gu;

/**
 * The texts of a method's fields: those given, and for what its paths name one that is there, which an opening calls
 * by its collection's name and 1, and one that is not.
 */
export function textsOf(method: Method, given: Readonly<Record<string, readonly string[]>>): Texts {
  const named = method.routes.flatMap(({ rule }) =>
    [...rule.template.matchAll(VARIABLE)].map(
      ([, path = "", form = "*"]) => [toCamelCase(path.split(".").at(-1) ?? ""), form] as const,
    ),
  );
  const forms = Map.groupBy(named, ([field]) => field);
  return (field) => {
    const ofPaths = forms.get(field)?.flatMap(([, form]) => [nameOf(form, "1"), nameOf(form, "2")]);
    const texts = [...(given[field] ?? []), ...(ofPaths ?? [])];
    return texts.length === 0 ? undefined : texts;
  };
}

/** A path of a template's form, about what is there. */
export function toPath(template: string): string {
  return template.replaceAll(VARIABLE, (_piece, _path, form: string | undefined) =>
    nameOf(form ?? "*", "1"),
  );
}

function nameOf(form: string, number: string): string {
  let before = "";
  const parts = form.split("/").map((part) => {
    const name = part.startsWith("*")
      ? (FIXED[before] ?? `${before}-${number}`.toLowerCase())
      : part;
    before = name;
    return name;
  });
  return parts.join("/");
}
