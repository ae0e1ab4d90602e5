import { badRequest } from "./google-error.ts";
import { isRecord } from "./json.ts";

/** One way to reach a method over HTTP. */
export type HttpRule = {
  /** `GET`, `POST`, `PUT`, `PATCH` or `DELETE`. */
  readonly verb: string;
  readonly template: string;
  /** The request's field that the body holds; `*` for the whole request, empty for no body. */
  readonly body: string;
};

/** A compiled HTTP rule. */
export type Route = { readonly rule: HttpRule; readonly path: PathPattern };

/** Compiles a rule. */
export function toRoute(rule: HttpRule): Route {
  return { rule, path: compileTemplate(rule.template) };
}

/** The versions that Google's APIs are served under. */
const VERSIONS = ["v1", "v1beta1", "v1beta2", "v2", "v3"];

/** One rule in every version of an API; the template comes after the version. */
export function toRoutes(
  verb: "GET" | "POST" | "DELETE",
  template: string,
  versions: readonly string[] = VERSIONS,
): readonly Route[] {
  const body = verb === "POST" ? "*" : "";
  return versions.map((version) => toRoute({ verb, template: `/${version}${template}`, body }));
}

/** A compiled path template. */
export type PathPattern = {
  readonly pattern: RegExp;
  /** The request's fields that the groups of the pattern fill, as dotted paths. */
  readonly variables: readonly { readonly path: string; readonly isMultiple: boolean }[];
  /** Whether a path may end in a custom verb, such as `:cancel`, or in what looks like one. */
  readonly takesVerb: boolean;
  /** Sorts the more particular template first: one with a custom verb, then the longer literal. */
  readonly rank: number;
};

const VERBS = ["get", "post", "put", "patch", "delete"] as const;

/** Reads a method's `google.api.http` annotations as protobufjs keeps them, additional bindings too. */
export function toHttpRules(parsedOptions: unknown): readonly HttpRule[] {
  const options: readonly unknown[] = Array.isArray(parsedOptions) ? parsedOptions : [];
  return options.flatMap((option) => {
    const rule = isRecord(option) ? option["(google.api.http)"] : undefined;
    return isRecord(rule) ? readRule(rule) : [];
  });
}

/**
 * Compiles a path template such as `/v1/{name=projects/*\/locations/*}:verb`.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/api/http.proto
 */
export function compileTemplate(template: string): PathPattern {
  const variables: { readonly path: string; readonly isMultiple: boolean }[] = [];
  let source = "";
  let literal = "";
  for (const piece of template.split(/(\{[^}]*\})/)) {
    const variable = /^\{([^=}]+)(?:=([^}]*))?\}$/.exec(piece);
    const inner = variable?.[2] ?? "*";
    if (variable?.[1] === undefined) {
      source += toSource(piece);
      literal += piece;
    } else {
      variables.push({ path: variable[1], isMultiple: inner !== "*" });
      source += `(${toSource(inner)})`;
      literal += inner;
    }
  }
  const hasVerb = CUSTOM_VERB.test(template);
  const isOpen = literal.includes("**");
  const rank = (hasVerb ? 1_000_000 : 0) - (isOpen ? 1000 : 0) + literal.replaceAll("*", "").length;
  return { pattern: new RegExp(`^${source}$`), variables, takesVerb: hasVerb || isOpen, rank };
}

/** A custom verb at the end of a path. What else follows a colon there, such as a digest, has digits. */
const CUSTOM_VERB = /:[a-z][A-Za-z]*$/;

/**
 * The request's fields that a path gives, or null when it is not of that form. What is percent-encoded
 * is decoded; in a variable of several segments an encoded slash stays as it is. A path with a custom verb is only of
 * forms with one: `…/topics/a:getIamPolicy` is no topic.
 */
export function matchPath(
  compiled: PathPattern,
  path: string,
): readonly { readonly path: string; readonly value: string }[] | null {
  const match = compiled.pattern.exec(path);
  if (match === null || (!compiled.takesVerb && CUSTOM_VERB.test(path))) {
    return null;
  }
  return compiled.variables.map((variable, index) => ({
    path: variable.path,
    value: decode(match[index + 1] ?? "", variable.isMultiple),
  }));
}

function readRule(rule: Readonly<Record<string, unknown>>): readonly HttpRule[] {
  const verb = VERBS.find((name) => typeof rule[name] === "string");
  const body = rule["body"];
  const own =
    verb === undefined
      ? []
      : [
          {
            verb: verb.toUpperCase(),
            template: String(rule[verb]),
            body: typeof body === "string" ? body : "",
          },
        ];
  const additional = rule["additional_bindings"] ?? rule["additionalBindings"] ?? [];
  const others: readonly unknown[] = Array.isArray(additional) ? additional : [additional];
  return [...own, ...others.flatMap((other) => (isRecord(other) ? readRule(other) : []))];
}

function toSource(text: string): string {
  // `**` stands for any number of parts, none among them: then the slash before it goes as well.
  return text.replaceAll(/\/\*\*|\*\*|\*|[.+?^${}()|[\]\\]/g, (part) => {
    if (part === "/**") {
      return "(?:/.+)?";
    }
    if (part === "**") {
      return ".*";
    }
    return part === "*" ? "[^/]+" : `\\${part}`;
  });
}

function decode(text: string, isMultiple: boolean): string {
  try {
    return isMultiple
      ? text
          .split(/(%2F)/i)
          .map((part, index) => (index % 2 === 1 ? part : decodeURIComponent(part)))
          .join("")
      : decodeURIComponent(text);
  } catch {
    throw badRequest("", `The path is not properly percent-encoded: ${text}`);
  }
}
