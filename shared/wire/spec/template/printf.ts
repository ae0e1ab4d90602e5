import { TemplateError } from "./template-error.ts";

type Given = { readonly value: string | number | boolean; readonly offset: number };

const DIRECTIVE = /%(?<verb>[\s\S]?)/g;
/** Text that Go would write with escapes of its own within %q. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * `printf` with %s, %d, %t, %v, %q and %%. Go writes its complaints into the text; here they are errors.
 * Source: https://pkg.go.dev/fmt
 * @throws TemplateError for another verb, a value of the wrong type, and too few or too many values.
 */
export function formatText(format: Given, values: readonly Given[]): string {
  if (typeof format.value !== "string") {
    throw new TemplateError(format.offset, "printf begins with a text");
  }
  let used = 0;
  const text = format.value.replaceAll(DIRECTIVE, (directive) => {
    if (directive === "%%") {
      return "%";
    }
    const given = values[used];
    used += 1;
    return write(directive, { given, offset: format.offset });
  });
  const more = values[used];
  if (more !== undefined) {
    throw new TemplateError(more.offset, "printf has more values than its text asks for");
  }
  return text;
}

function write(
  directive: string,
  { given, offset }: { readonly given: Given | undefined; readonly offset: number },
): string {
  const type = TYPES.get(directive);
  if (type === undefined) {
    throw new TemplateError(offset, `printf knows %s, %d, %t, %v, %q and %%, not ${directive}`);
  }
  if (given === undefined) {
    throw new TemplateError(offset, `printf has no value for ${directive}`);
  }
  const { value } = given;
  if (type !== null && typeof value !== type) {
    throw new TemplateError(given.offset, `printf wants a ${type} for ${directive}`);
  }
  if (directive !== "%q") {
    return String(value);
  }
  if (!PLAIN.test(String(value))) {
    throw new TemplateError(given.offset, "printf quotes plain text only");
  }
  return JSON.stringify(value);
}

const TYPES: ReadonlyMap<string, "string" | "number" | "boolean" | null> = new Map([
  ["%s", "string"],
  ["%q", "string"],
  ["%d", "number"],
  ["%t", "boolean"],
  ["%v", null],
]);
