/** What the templates of environment variables may name. */
export type TemplateValues = {
  readonly ProjectID: string;
  /** The name under which the service is reached; empty when it has no domain. */
  readonly ServiceDnsName: string;
};

const FIELDS = ["ProjectID", "ServiceDnsName"] as const;

/**
 * Fills in `{{ .ProjectID }}` and `{{ .ServiceDnsName }}`; a hyphen inside the braces takes the space on its
 * side away. Anything else in braces stays as it is written.
 * Source: https://pkg.go.dev/text/template
 */
export function fillTemplate(text: string, values: TemplateValues): string {
  return FIELDS.reduce(
    (filled, field) => filled.replace(patternOf(field), () => values[field]),
    text,
  );
}

function patternOf(field: (typeof FIELDS)[number]): RegExp {
  return new RegExp(`(?:\\{\\{|\\s*\\{\\{-)\\s*\\.${field}\\s*(?:\\}\\}|-\\}\\}\\s*)`, "g");
}
