import type { z } from "zod";
import { isMap } from "yaml";
import { byteLength } from "./environment-section.ts";
import { explainIssue } from "./explain-issue.ts";
import { formatPath } from "./problem.ts";
import type { Path, Problem, Report } from "./problem.ts";
import { judgeContent } from "./rules/content-rules.ts";
import { judgeDelivery } from "./rules/delivery-rules.ts";
import { judgeDeploy } from "./rules/deploy-rules.ts";
import { judgeEndpoints } from "./rules/endpoint-rules.ts";
import { judgeEntries } from "./rules/entry-rules.ts";
import { judgeInstances } from "./rules/instance-rules.ts";
import { judgeKind } from "./rules/kind-rules.ts";
import { judgeMonitoring } from "./rules/monitoring-rules.ts";
import { judgeNames } from "./rules/name-rules.ts";
import { judgeResources } from "./rules/resource-rules.ts";
import { judgeRuntime } from "./rules/runtime-rules.ts";
import { judgeService } from "./rules/service-rules.ts";
import { judgeVariables } from "./rules/variable-rules.ts";
import { ServiceSpec } from "./schema.ts";
import type { SpecDraft } from "./schema.ts";
import { readShape } from "./shape.ts";
import type { Span } from "./shape.ts";
import { offsetOf, readYaml } from "./yaml-source.ts";
import type { YamlSource } from "./yaml-source.ts";

/** What a service.yaml says and everything that is wrong with it. */
export type ParsedSpec = {
  /** Null when there is an error among the problems. */
  readonly spec: ServiceSpec | null;
  /** In the order of the text. */
  readonly problems: readonly Problem[];
};

const TEXT_BYTES_MAX = 2 ** 20;
const PROBLEMS_MAX = 500;

/** The rules between fields; each looks at what the rules of the fields left. */
const RULES: readonly ((draft: SpecDraft, report: Report) => void)[] = [
  judgeService,
  judgeNames,
  judgeKind,
  judgeDeploy,
  judgeInstances,
  judgeEndpoints,
  judgeContent,
  judgeVariables,
  judgeResources,
  judgeRuntime,
  judgeEntries,
  judgeMonitoring,
  judgeDelivery,
];

/**
 * Reads a service.yaml of up to 1 MiB. Never throws: whatever is wrong becomes a problem with its position, and
 * all are reported, up to 500. Only a text that is no YAML, or no mapping, stops earlier.
 */
export function parseServiceSpec(text: string): ParsedSpec {
  const bytes = byteLength(text);
  if (bytes > TEXT_BYTES_MAX) {
    const message = `the file has ${bytes} bytes, of at most ${TEXT_BYTES_MAX}`;
    return { spec: null, problems: [{ severity: "error", path: "", line: 1, column: 1, message }] };
  }
  const source = readYaml(text);
  const collected = collect(source);
  for (const { severity, offset, message } of source.flaws) {
    collected.add({ severity, path: "", ...source.positionOf(offset), message });
  }
  const spec = source.root === null ? judgeNothing(source, collected) : judge(source, collected);
  const problems = collected.inOrder();
  const isUsable = problems.every(({ severity }) => severity === "warning");
  return { spec: isUsable ? spec : null, problems };
}

function judgeNothing(source: YamlSource, collected: Collection): null {
  if (!source.flaws.some(({ severity }) => severity === "error")) {
    const message = "the file is empty: it needs service, build and environments";
    collected.add({ severity: "error", path: "", line: 1, column: 1, message });
  }
  return null;
}

function judge(source: YamlSource, collected: Collection): ServiceSpec | null {
  const { root } = source;
  if (!isMap(root)) {
    const message = "the file must be a mapping with service, build and environments";
    const position = source.positionOf(offsetOf(root));
    collected.add({ severity: "error", path: "", ...position, message });
    return null;
  }
  const found: Located[] = [];
  const report: Report = {
    error: (path, message, part) => found.push({ severity: "error", path, message, part }),
    warning: (path, message, part) => found.push({ severity: "warning", path, message, part }),
  };
  const shape = readShape(ServiceSpec, source, report);
  const parsed = ServiceSpec.safeParse(shape.value, { error: explainIssue });
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => flatten(issue, []));
  issues.forEach(({ path, message }) => {
    report.error(path, message);
  });
  const draft = withoutInvalid(shape.value, issues);
  RULES.forEach((rule) => {
    rule(draft, report);
  });
  for (const { severity, path, message, part = "value" } of found) {
    const span = spanAt(path, shape.spans);
    const position = source.positionOf(span?.[part] ?? offsetOf(root));
    collected.add({ severity, path: formatPath(path), ...position, message });
  }
  return parsed.data ?? null;
}

type Located = {
  readonly severity: Problem["severity"];
  readonly path: Path;
  readonly message: string;
  readonly part: keyof Span | undefined;
};

/** Where a path stands in the text: its own value or, when it is missing, what should hold it. */
function spanAt(path: Path, spans: ReadonlyMap<string, Span>): Span | null {
  for (let length = path.length; length > 0; length -= 1) {
    const span = spans.get(formatPath(path.slice(0, length)));
    if (span !== undefined) {
      return span;
    }
  }
  return null;
}

type Issue = { readonly path: Path; readonly message: string };

/** The issues of a union are those of the form that was meant: the one whose kind of value fits. */
function flatten(issue: z.core.$ZodIssue, parent: Path): readonly Issue[] {
  const path = [...parent, ...issue.path.map((part) => (typeof part === "symbol" ? "" : part))];
  if (issue.code !== "invalid_union") {
    return [{ path, message: issue.message }];
  }
  const meant = issue.errors.find((errors) =>
    errors.every((error) => error.path.length > 0 || error.code !== "invalid_type"),
  );
  return meant === undefined
    ? [{ path, message: "must be a pattern, or a mapping with semver" }]
    : meant.flatMap((error) => flatten(error, path));
}

/** A copy in which every value that broke its own rule is undefined. */
function withoutInvalid(value: unknown, issues: readonly Issue[]): SpecDraft {
  const copy: unknown = structuredClone(value);
  for (const { path } of issues) {
    erase(copy, path);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema accepted all that is left, and a draft allows everything to be missing
  return copy as SpecDraft;
}

function erase(root: unknown, path: Path): void {
  let holder = root;
  for (const part of path.slice(0, -1)) {
    holder = isHolder(holder) ? holder[part] : undefined;
  }
  const last = path.at(-1);
  if (last !== undefined && isHolder(holder) && holder[last] !== undefined) {
    holder[last] = undefined;
  }
}

function isHolder(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

type Collection = {
  readonly add: (problem: Problem) => void;
  readonly inOrder: () => readonly Problem[];
};

/** Gathers problems up to a limit, each once. */
function collect(source: YamlSource): Collection {
  const problems = new Map<string, Problem>();
  const isFull = (): boolean => problems.size >= PROBLEMS_MAX;
  return {
    add: (problem) => {
      if (!isFull()) {
        problems.set(JSON.stringify(problem), problem);
      }
    },
    inOrder: () => {
      const sorted = [...problems.values()].toSorted(
        (a, b) => a.line - b.line || a.column - b.column,
      );
      const last = source.positionOf(0);
      return isFull()
        ? [
            ...sorted,
            {
              severity: "error",
              path: "",
              ...last,
              message: `there are more than ${PROBLEMS_MAX} problems; the others are not shown`,
            },
          ]
        : sorted;
    },
  };
}
