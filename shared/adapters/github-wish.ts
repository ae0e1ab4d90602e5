import { readRepository } from "../domain/changes/repository.ts";
import { movesRelease, isProduction, shownAs } from "../domain/notices/promotion-shown.ts";
import type { PromotionShown } from "../domain/notices/promotion-shown.ts";
import type { Card } from "../domain/notices/card.ts";
import type { Promotion } from "../domain/promotion.ts";
import { releaseCommit } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import { findEnvironment } from "../domain/state.ts";
import type { NoticeMessage } from "../ports/notices.ts";
import type { RepositoryName } from "./github-answer.ts";

/** What is to be seen of one promotion on GitHub. */
export type Wish = {
  readonly repository: RepositoryName;
  /** As the image names it: it may be shortened. */
  readonly commit: string;
  readonly promotion: string;
  /** The environment's name there: with the service's before it, since a repository may have several services. */
  readonly environment: string;
  readonly title: string;
  readonly isProduction: boolean;
  readonly shown: PromotionShown;
  /** The promotion's page; null where the pages' address is not known. */
  readonly page: string | null;
  /** Where people reach the service; null where the specification does not say. */
  readonly address: string | null;
  /** The commits that are in production now with this promotion, and were not before. */
  readonly brought: readonly string[];
};

/** What a notice asks GitHub for; nothing where it is about no deployment, or a reason why it cannot be shown. */
export type Wished =
  | { readonly kind: "nothing" }
  | { readonly kind: "impossible"; readonly reason: string }
  | { readonly kind: "deployment"; readonly wish: Wish };

/** What a notice asks for on the GitHub of that host, such as `github.com`. */
export function wishOf(message: NoticeMessage, host: string): Wished {
  const { service, promotion, release } = message.about;
  const { card } = message;
  if (service === null || promotion === null || card === null || !movesRelease(promotion)) {
    return { kind: "nothing" };
  }
  const found = repositoryOf(service, host);
  if (typeof found === "string") {
    return { kind: "impossible", reason: found };
  }
  const commit = release === null ? "" : (releaseCommit(release) ?? "");
  return COMMIT.test(commit)
    ? {
        kind: "deployment",
        wish: {
          ...shownOf(message, { service, promotion, card }),
          repository: found,
          commit: commit.toLowerCase(),
        },
      }
    : { kind: "impossible", reason: `${message.title}: ${NO_COMMIT}` };
}

type Ground = { readonly service: Service; readonly promotion: Promotion; readonly card: Card };

function shownOf(
  { about, title, page }: NoticeMessage,
  { service, promotion, card }: Ground,
): Omit<Wish, "repository" | "commit"> {
  const { id, environment } = promotion;
  const domain = findEnvironment(service, environment)?.domain ?? null;
  return {
    promotion: id,
    environment: `${service.id}/${environment}`,
    title,
    isProduction: isProduction(service, environment),
    shown: shownAs(promotion, card, about.isCurrent),
    page,
    address: domain === null ? null : `https://${domain}`,
    brought: about.brought,
  };
}

const COMMIT = /^[0-9a-f]{7,64}$/i;

const NO_COMMIT =
  "the image names no commit; set its label org.opencontainers.image.revision, or name the commit in the tag (delivery.tags)";

function repositoryOf({ source }: Service, host: string): RepositoryName | string {
  const read = readRepository(source?.repo ?? "");
  const [owner, repo, ...more] = read?.path.split("/") ?? [];
  if (read === null || owner === undefined || repo === undefined || more.length > 0) {
    return "service.yaml names no repository of GitHub in build.source.repo";
  }
  return read.host === host
    ? { owner, repo }
    : `build.source.repo is on ${read.host}, and this installation knows ${host} alone`;
}
