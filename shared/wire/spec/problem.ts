/** Something wrong, or worth knowing, at one place of a service.yaml. */
export type Problem = {
  /** An error keeps the specification from being used; a warning does not. */
  readonly severity: "error" | "warning";
  /** Where in the document, such as `environments[1].deploy.type`; empty for the document itself. */
  readonly path: string;
  /** The line of the offending node, from 1. When a key is missing, of the mapping that lacks it. */
  readonly line: number;
  /** The column of that node, from 1, in UTF-16 code units. */
  readonly column: number;
  /** What is wrong and what to do about it; it does not repeat the path. */
  readonly message: string;
};

/** Keys and indexes from the root of the document to a value. */
export type Path = readonly (string | number)[];

/** Where a document's problems are collected: the rules speak of paths, the reader knows positions. */
export type Report = { readonly error: Tell; readonly warning: Tell };

/** Tells of a problem: of the value at the path unless it is the key that is wrong. */
type Tell = (path: Path, message: string, part?: "key" | "value") => void;

const PLAIN_KEY = /^[\w-]+$/;

/** Writes a path the way people say it: `environments[1].deploy.type`, `env["a.b"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") {
      return `${text}[${part}]`;
    }
    if (!PLAIN_KEY.test(part)) {
      return `${text}[${JSON.stringify(part)}]`;
    }
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
