import { parseDocument } from "yaml";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import { formatPath } from "../../shared/wire/spec/problem.ts";
import type { Path, Problem } from "../../shared/wire/spec/problem.ts";
import { inOrder, positionOf } from "../../shared/wire/spec/position.ts";

/** A file that is checked together with others. */
export type NeighbourFile = { readonly path: string; readonly text: string };

/** What one file has that no other should have. */
type Belongings = {
  readonly service: string;
  /** How a message calls where it comes from. */
  readonly where: string;
  readonly image: string;
  readonly sharesWith: readonly string[];
  readonly projects: readonly {
    readonly project: string;
    readonly environment: string;
    readonly path: Path;
  }[];
};

/**
 * What files have in common that no two services should: by file, its problems. One id in two files is an error,
 * since each would undo what the other applies; one image or one project is a warning.
 */
export function problemsBetween(
  files: readonly NeighbourFile[],
): ReadonlyMap<string, readonly Problem[]> {
  const read = files.map((file) => ({ file, ...belongingsOf(file) }));
  return new Map(
    read.map(({ file, ...own }) => {
      const others = read.filter((other) => other.file !== file);
      const twins = others.filter(({ service }) => service !== "" && service === own.service);
      const strangers = others.filter(
        (other) => other.service !== own.service && !isShared(own, other),
      );
      return [
        file.path,
        inOrder([
          ...twins.slice(0, 1).map(({ where }) => {
            const message = `is the id in ${where} too, so each would undo what the other applies: give each service an id of its own`;
            return toProblem(file.text, { severity: "error", path: ["service", "id"], message });
          }),
          ...warnings(file.text, own, strangers),
        ]),
      ];
    }),
  );
}

/** Whether both say that they share. */
function isShared(one: Belongings, other: Belongings): boolean {
  return one.sharesWith.includes(other.service) && other.sharesWith.includes(one.service);
}

function belongingsOf({ path, text }: NeighbourFile): Belongings {
  const { spec } = parseServiceSpec(text);
  // The id is compared even where something else is wrong with the file.
  const id: unknown = parseDocument(text, { logLevel: "silent" }).getIn(["service", "id"]);
  return {
    service: typeof id === "string" ? id : "",
    where: path,
    image: parseImageReference(spec?.build.image ?? "")?.repository ?? "",
    sharesWith: spec?.delivery.sharesWith ?? [],
    projects: (spec?.environments ?? []).map(({ projectID, id: environment }, index) => ({
      project: projectID,
      environment,
      path: ["environments", index, "projectID"],
    })),
  };
}

function warnings(
  text: string,
  own: Belongings,
  others: readonly Belongings[],
): readonly Problem[] {
  const sameImage = others.find(({ image }) => image !== "" && image === own.image);
  const shared = own.projects.flatMap(({ project, path }) => {
    const other = others.find(({ projects }) => projects.some((one) => one.project === project));
    const place = other?.projects.find((one) => one.project === project);
    return other === undefined || place === undefined
      ? []
      : [
          {
            path,
            message: `is the project of ${place.environment} of service ${other.service} in ${other.where} too: give each service its own, or name each in the other's delivery.sharesWith`,
          },
        ];
  });
  const image =
    sameImage === undefined
      ? []
      : [
          {
            path: ["build", "image"],
            message: `is the image of service ${sameImage.service} in ${sameImage.where} too: each push makes a release of both. If that is right, name each in the other's delivery.sharesWith`,
          },
        ];
  return inOrder(
    [...image, ...shared].map((warning) => toProblem(text, { severity: "warning", ...warning })),
  );
}

function toProblem(
  text: string,
  {
    severity,
    path,
    message,
  }: { readonly severity: Problem["severity"]; readonly path: Path; readonly message: string },
): Problem {
  return { severity, path: formatPath(path), ...positionOf(text, path), message };
}
