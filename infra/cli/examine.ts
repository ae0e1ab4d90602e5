import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import { canaryFinding } from "../platform/doctor/canary.ts";
import { channelFindings } from "../platform/doctor/channels.ts";
import { chatFindings } from "../platform/doctor/chat.ts";
import { clockFinding, timeThere } from "../platform/doctor/clock.ts";
import { deadLetterFindings } from "../platform/doctor/dead-letters.ts";
import { orUnknown, warning } from "../platform/doctor/finding.ts";
import type { Finding } from "../platform/doctor/finding.ts";
import { githubFindings } from "../platform/doctor/github.ts";
import { installationFindings } from "../platform/doctor/installation.ts";
import { noticeFindings } from "../platform/doctor/notices.ts";
import { pagesFindings } from "../platform/doctor/pages.ts";
import { subscriptionFinding } from "../platform/doctor/subscription.ts";
import { stuckFindings } from "../platform/doctor/stuck-work.ts";
import { tracesFindings } from "../platform/doctor/traces.ts";
import { planInstallation } from "../platform/installer.ts";
import { openApi } from "./api.ts";
import type { Api } from "./api.ts";
import { recordsAfter } from "./audit-records.ts";
import { timeOf } from "./clock.ts";
import { canaryPlace } from "./canary-place.ts";
import { connect } from "./connection.ts";
import { openInstaller } from "./install-context.ts";
import type { InstallOptions } from "./install-context.ts";
import { findLocalFile } from "./local-file.ts";
import { listOwnChannels, listServices } from "./pages.ts";

/** Everything that the doctor looks at. What cannot be looked at is told, and stops nothing else. */
export async function examine(
  options: InstallOptions,
  hasCanary: boolean,
): Promise<readonly Finding[]> {
  const looks = [
    ...(existsSync(options.file) ? [examineInstallation(options)] : [unknownInstallation(options)]),
    orUnknown("clock", async () => [await examineClock(options)]),
    orUnknown("stuck work", async () => {
      const api = await openApi(options);
      const [services, own] = [await listServices(api), await listOwnChannels(api)];
      return [...stuckFindings(services, timeOf(options)), ...channelFindings(services, own)];
    }),
    ...(hasCanary ? [orUnknown("events", async () => examineEvents(options))] : []),
  ];
  return (await Promise.all(looks)).flat();
}

async function examineInstallation(options: InstallOptions): Promise<readonly Finding[]> {
  return orUnknown("installation", async () => {
    const installer = await openInstaller(options);
    const local = await findLocalFile(process.cwd());
    const own = local?.project === installer.settings.project ? local.endpoints : null;
    const slack = own === null ? null : `${own.slack}/api/`;
    const planned = planInstallation(installer);
    const [plan, letters, pages, chat, github, notices, heard, traces] = await Promise.all([
      planned,
      orUnknown("dead letters", async () =>
        deadLetterFindings(installer.google, installer.settings),
      ),
      orUnknown("pages", async () => pagesFindings(installer.google, installer.settings)),
      orUnknown("chat", async () => chatFindings(installer.google, installer.settings, slack)),
      orUnknown("github", async () =>
        githubFindings(installer.google, installer.settings, own?.github ?? null),
      ),
      orUnknown("notices", async () => noticeFindings(installer.google, installer.settings)),
      orUnknown("notices", async () => {
        const { platform } = await planned;
        const now = timeOf(options);
        return platform === null
          ? []
          : [await subscriptionFinding(installer.google, platform, now)];
      }),
      tracesFindings(installer.settings),
    ]);
    return [
      ...installationFindings(plan, installer.version),
      ...letters,
      ...pages,
      ...chat,
      ...github,
      ...notices,
      ...heard,
      ...traces,
    ];
  });
}

function unknownInstallation({ file }: InstallOptions): Promise<readonly Finding[]> {
  const message = `there is no ${file}, so what is installed could not be compared with it`;
  const mend = "run slipway doctor where the file is, or name the file with --file";
  return Promise.resolve([warning("installation", message, mend)]);
}

async function examineClock(options: InstallOptions): Promise<Finding> {
  const { api } = await connect(options);
  const there = await timeThere(api);
  return there === null
    ? warning(
        "clock",
        `${api} does not say its time`,
        "check this machine's clock with date and timedatectl",
      )
    : clockFinding(Date.now(), there);
}

async function examineEvents(options: InstallOptions): Promise<readonly Finding[]> {
  const api = await openApi(options);
  const place = await canaryPlace(options, api);
  if (place === null) {
    const message = "no registry is known, so nothing was pushed";
    return [warning("events", message, "name one in the installation's file, or apply a service")];
  }
  const head = await lastOf(api, 0);
  const finding = await canaryFinding(place, {
    now: () => Date.now(),
    pause: async (ms) => {
      await sleep(ms);
    },
    isSeen: async (image) => isTold(api, head, image),
    remove: place.remove,
  });
  return [finding];
}

/** The number of the last record that belongs to no service. */
async function lastOf(api: Api, from: number): Promise<number> {
  let last = from;
  for await (const page of recordsAfter(api, SYSTEM_CHAIN, from)) {
    last = page.at(-1)?.sequence ?? last;
  }
  return last;
}

async function isTold(api: Api, after: number, image: string): Promise<boolean> {
  for await (const page of recordsAfter(api, SYSTEM_CHAIN, after)) {
    if (page.some((record) => JSON.stringify(record).includes(image))) {
      return true;
    }
  }
  return false;
}
