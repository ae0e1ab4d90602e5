import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillTemplate, findTemplateFlaw } from "../../shared/wire/spec/template/fill-template.ts";

const NAMED = { ProjectID: "web-dev-1a2b", ServiceDnsName: "t.example.com" };
const NAMELESS = { ...NAMED, ServiceDnsName: "" };

/** Filled in where the service has a name, as the documentation of html/template says. */
describe("a template is filled in as upstream fills it in", () => {
  test.each([
    ["plain text, with } and { and <b>", "plain text, with } and { and <b>"],
    ["{{ .ProjectID }}", "web-dev-1a2b"],
    ["{{.ProjectID}}/{{.ServiceDnsName}}", "web-dev-1a2b/t.example.com"],
    [
      "{{ if .ServiceDnsName }}https://{{ .ServiceDnsName }}{{ else }}none{{ end }}",
      "https://t.example.com",
    ],
    ['{{ printf "x-%s" .ProjectID }}', "x-web-dev-1a2b"],
    ['{{ "{{" }} user }}', "{{ user }}"],
    ["a{{/* c */}}b", "ab"],
    ["a {{- /* c }} \n */ -}} b", "ab"],
    ["x {{- .ProjectID -}} y", "xweb-dev-1a2by"],
    ["x \n\t{{- .ProjectID }} y", "xweb-dev-1a2b y"],
    ["x {{ .ProjectID -}}\n y", "x web-dev-1a2by"],
    ['{{ .ProjectID | printf "%s-%s" "a" }}', "a-web-dev-1a2b"],
    [
      '{{ if eq .ProjectID "a" }}1{{ else if eq .ProjectID "b" "web-dev-1a2b" }}2{{ else }}3{{ end }}',
      "2",
    ],
    ["{{ if not .ServiceDnsName }}a{{ end }}b", "b"],
    ['{{ or .ServiceDnsName "none" }} {{ and .ServiceDnsName "some" }}', "t.example.com some"],
    ['{{ print .ProjectID ":" 1 2 true false }}', "web-dev-1a2b:1 2 true false"],
    ["{{ `a\\n` }}", "a\\n"],
    [String.raw`{{ "a\tb\u00e9\x41\101\\" }}`, "a\tbéAA\\"],
    ['{{ "a<b>&\'+" }}{{ "\\"" }}', "a&lt;b&gt;&amp;&#39;&#43;&#34;"],
    ['{{ printf "%q %d %t %v %%" "a" 7 true .ProjectID }}', "&#34;a&#34; 7 true web-dev-1a2b %"],
    ['{{ (printf "%s" (print "a" 1)) }}', "a1"],
    ["{{ if (eq 1 1) }}yes{{ end }}", "yes"],
    ["{{ if 0 }}yes{{ end }}{{ if false }}yes{{ end }}{{ if -1 }}no{{ end }}", "no"],
    ["{{ if .ProjectID }}{{ if .ServiceDnsName }}both{{ end }}{{ end }}", "both"],
    ["a < b {{ .ProjectID }} <", "a < b web-dev-1a2b <"],
    ["{{\n.ProjectID\n}}", "web-dev-1a2b"],
  ])("%j", (text, filled) => {
    expect(findTemplateFlaw(text)).toBe(null);
    expect(fillTemplate(text, NAMED)).toBe(filled);
  });

  test("also where the service has no name", () => {
    const text = "{{ if .ServiceDnsName }}https://{{ .ServiceDnsName }}{{ else }}none{{ end }}";
    expect(fillTemplate(text, NAMELESS)).toBe("none");
    expect(fillTemplate('{{ or .ServiceDnsName "none" }}', NAMELESS)).toBe("none");
    expect(fillTemplate("{{ if ne .ServiceDnsName `` }}a{{ end }}", NAMELESS)).toBe("");
  });
});

describe("a template that cannot be filled in is refused at its place", () => {
  test.each([
    ["{{ .ProjectID", 1, 1, "the braces are not closed"],
    ["{{", 1, 1, "the braces are not closed"],
    ["a\nb {{ .Projectid }}", 2, 6, "there is no .Projectid: only .ProjectID and .ServiceDnsName"],
    ["{{ . }}", 1, 4, "there is no ."],
    ["{{ .ProjectID.Name }}", 1, 4, "there is no .ProjectID.Name"],
    ["{{}}", 1, 1, "a value is missing"],
    ["{{ }}", 1, 1, "a value is missing"],
    ["{{ if }}a{{ end }}", 1, 1, "a value is missing"],
    ["{{ .ProjectID | }}", 1, 1, "a value is missing"],
    ["{{ range .ProjectID }}{{ end }}", 1, 4, "Slipway does not fill in range"],
    ["{{ with .ProjectID }}{{ end }}", 1, 4, "Slipway does not fill in with"],
    ["{{ len .ProjectID }}", 1, 4, "Slipway does not fill in len"],
    ["{{ html .ProjectID }}", 1, 4, "Slipway does not fill in html"],
    ["{{ nil }}", 1, 4, "Slipway does not fill in nil"],
    ["{{ constructor }}", 1, 4, "Slipway does not fill in constructor"],
    ["{{ .constructor }}", 1, 4, "there is no .constructor"],
    ["{{ $x := .ProjectID }}", 1, 4, '"$" has no meaning here'],
    ["{{ .ProjectID }}{{ end }}", 1, 17, "{{ end }} belongs to no if"],
    ["{{ else }}", 1, 1, "{{ else }} belongs to no if"],
    ["{{ if .ProjectID }}a", 1, 1, "the if has no {{ end }}"],
    ["{{ if .ProjectID }}a{{ else }}b{{ else }}c{{ end }}", 1, 32, "the if has no {{ end }}"],
    ["{{ if .ProjectID }}a{{ end .ProjectID }}", 1, 28, "nothing may follow end"],
    ["{{ .ProjectID .ServiceDnsName }}", 1, 15, "only a function takes values after it"],
    ['{{ .ProjectID | "a" }}', 1, 17, "only a function may follow |"],
    ['{{ printf "%s" }}', 1, 11, "printf has no value for %s"],
    ['{{ printf "a" .ProjectID }}', 1, 15, "printf has more values"],
    ['{{ printf "%d" .ProjectID }}', 1, 16, "printf wants a number for %d"],
    ['{{ printf "%5s" .ProjectID }}', 1, 11, "printf knows"],
    ['{{ printf "%" }}', 1, 11, "printf knows"],
    ["{{ printf }}", 1, 4, "printf needs a value"],
    ['{{ print"a" }}', 1, 9, "a space is missing"],
    ["{{ eq .ProjectID }}", 1, 7, "eq needs two values"],
    ["{{ eq .ProjectID 1 }}", 1, 18, "eq compares only values of one type"],
    ["{{ not true false }}", 1, 13, "not takes no more values"],
    ["{{ (.ProjectID }}", 1, 4, "the bracket is not closed"],
    ["{{ .ProjectID) }}", 1, 14, ") closes nothing"],
    ['{{ "a }}', 1, 4, '"\\"" has no meaning here'],
    [String.raw`{{ "a\qb" }}`, 1, 6, String.raw`\q is no escape`],
    [String.raw`{{ "\xff" }}`, 1, 5, String.raw`\xff is no escape`],
    [String.raw`{{ "\ud800" }}`, 1, 5, String.raw`\ud800 is no escape`],
    ["{{ 010 }}", 1, 4, "010 is no plain whole number"],
    ["{{ 1.5 }}", 1, 4, '"1" has no meaning here'],
    ["{{/* a }}", 1, 1, "a comment ends with */"],
    ["{{/* a */ .ProjectID }}", 1, 1, "a comment ends with */"],
    ["{{ /* a */ }}", 1, 4, '"/" has no meaning here'],
    ["{{if true}}{{ printf `%d` `a` }}{{end}}", 1, 27, "printf wants a number"],
    ["<a href='{{ .ProjectID }}'>", 1, 1, "upstream takes this for HTML"],
    ["{{ .ProjectID }}<!-- a -->", 1, 17, "upstream takes this for HTML"],
  ])("%j", (text, line, column, message) => {
    expect(findTemplateFlaw(text)).toEqual({
      line,
      column,
      message: expect.stringContaining(message) as unknown,
    });
  });

  test("however deep it nests", () => {
    const ifs = "{{ if true }}".repeat(33) + "{{ end }}".repeat(33);
    expect(findTemplateFlaw(ifs)?.message).toContain("at most 32 deep");
    const brackets = `{{ ${"(".repeat(5000)} .ProjectID ${")".repeat(5000)} }}`;
    expect(findTemplateFlaw(brackets)?.message).toContain("at most 32 deep");
    const elses = `{{ if true }}${"{{ else if true }}".repeat(5000)}{{ end }}`;
    expect(findTemplateFlaw(elses)?.message).toContain("at most 32 deep");
  });
});

const PARTS = [
  "{{",
  "}}",
  "{{- ",
  " -}}",
  "/*",
  "*/",
  ".ProjectID",
  "if ",
  "else ",
  "end",
  "printf",
  '"%s"',
  "`",
  '"',
  "|",
  "(",
  ")",
  " ",
  "\n",
  "a",
  "<",
  "1",
  "\\",
];

test("any text is either refused, or filled in", () => {
  const texts = fc.array(fc.oneof(fc.constantFrom(...PARTS), fc.string()), { maxLength: 20 });
  fc.assert(
    fc.property(texts, (parts) => {
      const text = parts.join("");
      const flaw = findTemplateFlaw(text);
      fc.pre(flaw === null);
      expect(typeof fillTemplate(text, NAMED)).toBe("string");
      expect(typeof fillTemplate(text, NAMELESS)).toBe("string");
    }),
    { numRuns: 500, maxSkipsPerRun: 100 },
  );
});

test("a text without braces is as it was, and a long one takes no longer than its length asks for", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes("{{"));
      expect(fillTemplate(text, NAMED)).toBe(text);
    }),
  );
  for (const part of [" ", "{{ ", "{{/*", "a -", "{{ .ProjectID }} ", '{{ "', "{{`"]) {
    findTemplateFlaw(part.repeat(Math.floor(65_536 / part.length)));
  }
});
